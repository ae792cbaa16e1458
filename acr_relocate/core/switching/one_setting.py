"""Dependents that name the registry in one setting: Machine Learning workspaces, and Flux configurations of clusters.

Source: Workspaces - Update (2024-10-01); Flux Configurations - Update (2025-04-01), whose `complianceState` tells
whether the cluster has fetched and applied what the configuration names. Resource Graph writes the names of its
properties with capitals.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent, comes_from
from acr_relocate.core.switching.writes import SwitchWrite

Json = dict[str, Any]
_OCI: Final = "oci://"


class SettingPlace(NamedTuple):
    """Where a kind of dependent names the registry: the path in its properties, and the api-version of both calls."""

    path: tuple[str, ...]
    api_version: str


SETTING_PLACES: Final[dict[SwitchedKind, SettingPlace]] = {
    "ml_workspace": SettingPlace(("containerRegistry",), "2024-10-01"),
    "flux_configuration": SettingPlace(("ociRepository", "url"), "2025-04-01"),
}


def why_setting_not_switched(entry: Json) -> str:
    """Return why the dependent is left to people, or an empty string."""
    if _field(_field(properties(entry), "ociRepository"), "localAuthRef"):
        return "it signs in with a secret of the cluster, which this service never reads"
    return ""


def setting_of(kind: SwitchedKind, entry: Json) -> str:
    """Return the setting as it is; empty if it has none."""
    value: Any = properties(entry)
    for name in SETTING_PLACES[kind].path:
        value = _field(value, name)
    return str(value or "")


def _field(value: Any, name: str) -> Any:
    own = value if isinstance(value, dict) else {}
    return next((found for each, found in own.items() if each.lower() == name.lower()), None)


def setting_names_source(kind: SwitchedKind, entry: Json, registry_id: str, server: str) -> bool:
    """Return whether the setting is the source's."""
    value = setting_of(kind, entry)
    return value.lower() == registry_id.lower() or comes_from(value.removeprefix(_OCI), server)


def facts_of_setting(
    kind: SwitchedKind, entry: Json, *, registry_id: str, target_id: str, source_server: str, target_server: str
) -> SwitchedDependent:
    """Return the former value of the dependent, which names the source."""
    value = setting_of(kind, entry)
    is_url = value.startswith(_OCI)
    path = value.removeprefix(_OCI).partition("/")[2]
    return SwitchedDependent(
        registry_id=registry_id.lower(),
        kind=kind,
        dependent_id=str(entry["id"]),
        source_server=source_server,
        target_server=target_server,
        setting=value,
        setting_after=f"{_OCI}{target_server}/{path}" if is_url else target_id,
    )


def setting_write(entry: Json, facts: SwitchedDependent, value: str) -> tuple[SwitchWrite, ...]:
    """Return the patch that sets the value, and nothing else; none if it is set."""
    place = SETTING_PLACES[facts.kind]
    if setting_of(facts.kind, entry) == value:
        return ()
    body: Any = value
    for name in reversed(place.path):
        body = {name: body}
    return (SwitchWrite("PATCH", facts.dependent_id, place.api_version, {"properties": body}),)


def setting_changed_since(entry: Json, facts: SwitchedDependent) -> str:
    """Return that somebody else has changed the setting, or an empty string."""
    now = setting_of(facts.kind, entry)
    same = now.lower() in {facts.setting.lower(), facts.setting_after.lower()}
    return "" if same else f"its {'.'.join(SETTING_PLACES[facts.kind].path)} is {now or 'empty'}"


def setting_health(entry: Json) -> DependentHealth:
    """Return whether Azure has accepted the setting, and, of a configuration, whether the cluster complies with it."""
    own = properties(entry)
    state = str(own.get("provisioningState") or "unknown")
    compliance = str(own.get("complianceState") or "Compliant")
    words = f"it is {state}" + (f", {compliance}" if "complianceState" in own else "")
    if state.lower() == "failed":
        return DependentHealth("failed", words)
    ready = state.lower() == "succeeded" and compliance.lower() == "compliant"
    return DependentHealth("ready" if ready else "waiting", words)
