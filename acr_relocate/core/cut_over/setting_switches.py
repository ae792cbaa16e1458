"""Machine Learning workspaces and Flux configurations to switch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, is_selected, other_settings, target_server
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.one_setting import (
    SETTING_PLACES,
    facts_of_setting,
    setting_names_source,
    setting_write,
    why_setting_not_switched,
)

_KINDS: Final[dict[str, SwitchedKind]] = {
    "microsoft.machinelearningservices/workspaces": "ml_workspace",
    "microsoft.kubernetesconfiguration/fluxconfigurations": "flux_configuration",
}


def setting_switches(cut: CutOverContext) -> Iterator[SwitchCandidate]:
    """Yield the selected workspaces and configurations whose setting is the source's."""
    for entry in readable_items(cut.scene.around.naming):
        kind = _KINDS.get(str(entry.get("type") or "").lower())
        if kind is None or not setting_names_source(kind, entry, cut.source.id, cut.source.login_server):
            continue
        if is_selected(cut, kind, entry):
            yield _candidate(cut, kind, entry)


def _candidate(cut: CutOverContext, kind: SwitchedKind, entry: Json) -> SwitchCandidate:
    path, place = str(entry["id"]), SETTING_PLACES[kind]
    return SwitchCandidate(
        kind=kind,
        path=path,
        call=ArmCall(method="PATCH", path=path, api_version=place.api_version),
        facts=partial(
            facts_of_setting,
            kind,
            entry,
            registry_id=cut.source.id,
            target_id=cut.request.target_id,
            source_server=cut.source.login_server,
            target_server=target_server(cut),
        ),
        look=partial(_look, entry),
        refused=why_setting_not_switched(entry),
        leaves=other_settings(cut, entry, (".".join(place.path),)),
    )


def _look(entry: Json, former: SwitchedDependent) -> DoneWhen:
    """Return the test that the setting names the target."""
    [write] = setting_write(entry, former, former.setting_after)
    expected: dict[str, Any] = write.body
    return DoneWhen(call=ArmCall(method="GET", path=write.path, api_version=write.api_version), expected=expected)
