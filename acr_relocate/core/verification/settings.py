"""Compare the settings of two registries and of their children, as all api-versions together show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.managed_identities import identity_kinds
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_types import PREVIEW_ONLY
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import REWRITES
from acr_relocate.core.target.children.replications import is_home_replication
from acr_relocate.core.target.children.scope_maps import is_system_scope_map
from acr_relocate.core.target.design import Design, rule_subnets
from acr_relocate.core.target.edited_template import target_design
from acr_relocate.core.target.external_references import replace_ids
from acr_relocate.core.verification.differences import Difference, difference, unread_difference
from acr_relocate.core.verification.flatten import flatten_values
from acr_relocate.core.verification.normalise import respelled, settings_of, settings_of_child

OF_THE_PLACE: Final = frozenset({"privateEndpoints", "diagnosticSettings"})
"""Children that depend on a registry's place: two unrelated registries may differ in them."""

ANNOUNCED: Final = ("policies.trustPolicy.",)
"""Values that the target has of its own, as the plan has announced."""

ADDED: Final = ".privateDnsZoneGroups"
"""The cut-over's addition to a private endpoint if the source's DNS records were written manually."""

NOT_SET: Final = frozenset({"", "0", "disabled", "false", "none", "null"})
"""Defaults of settings: Azure shows some of them only at new registries."""

_DEFAULTS: Final = {
    **PREVIEW_ONLY,
    "networkRuleBypassOptions": "azureservices",
    "networkRuleSet.defaultAction": "allow",
    "policies.azureADAuthenticationAsArmPolicy.status": "enabled",
    "policies.exportPolicy.status": "enabled",
    "policies.retentionPolicy.days": "7",
    "policies.softDeletePolicy.retentionDays": "7",
    "policies.trustPolicy.type": "notary",
    "publicNetworkAccess": "enabled",
    "roleAssignmentMode": "legacyregistrypermissions",
    "zoneRedundancy": "enabled",
    "diagnosticSettings/logAnalyticsDestinationType": "azurediagnostics",
    "replications/regionEndpointEnabled": "true",
    "replications/zoneRedundancy": "enabled",
    "tasks/agentConfiguration.cpu": "2",
    "tasks/platform.architecture": "amd64",
    "tasks/status": "enabled",
    "tasks/step.contextPath": "/dev/null",
    "tasks/timeout": "3600",
    "tokens/status": "enabled",
    "webhooks/status": "enabled",
}
"""The same for settings with another default; of children by kind (type definitions, and the tasks')."""

_WORDS: Final = frozenset(
    {
        *("allow", "deny", "disabled", "enabled", "azureservices", "none"),
        *("basic", "premium", "standard"),
        *("linux", "windows", "amd64", "arm", "arm64", "x86"),
        *("readonly", "readwrite", "abacrepositorypermissions", "legacyregistrypermissions"),
    }
)
"""Values that Azure writes with varying capitals, by api-version and by author."""

_FAILED: Final = "The last change of it failed, or was given up; Azure's activity log says why."
REPAIR: Final = (
    "Correct the error in the activity log, then write it again: `acr-relocate run`, or `az resource update`."
)
_BROKEN: Final = frozenset({"canceled", "failed"})


def compare_settings(
    source: Registry,
    target: Registry,
    request: RelocationRequest,
    deferred: Mapping[str, Any] | None = None,
    edited: dict[str, Any] | None = None,
) -> tuple[Difference, ...]:
    """Return every difference between the target registry and the result of this request for the source.

    `deferred` are the settings deferred to the cut-over; they are ignored. Announced omissions and changes are not
    differences. Children that only the target has are `extra`. `edited`: the edited template, if one was deployed.
    Of several sources the first one's comparison covers the registry itself, as long as the others can be read; each
    one's covers its own children.
    """
    as_it_is = None if edited else registry_settings(source) | child_settings(source)
    design, others = target_design(source, request, edited), source.share.beside
    own = target.model_copy(
        update={"children": tuple(one for one in target.children if f"{one.kind}/{one.name}" not in others)}
    )
    found = _compare_design(design, own, {**(deferred or {}), **design.later}, as_it_is)
    if request.consolidation.is_first(source.name) and not source.share.unread:
        return found
    return tuple(one for one in found if "/" in one.subject)


def compare_plainly(source: Registry, target: Registry) -> tuple[Difference, ...]:
    """Return every difference between two registries that are not related by a relocation.

    Their names, ids, regions and networks are their own.
    """
    own = {source.id.lower(): target.id, source.login_server.lower(): target.login_server}
    children = (child for child in source.children if _is_plain(child) and not _is_near(child, source, target))
    like_source = source.model_copy(
        update={
            "location": target.location,
            "tags": replace_ids(source.tags, own),
            "properties": replace_ids(source.properties, own),
            "children": tuple(_elsewhere(child, source, target, own) for child in children),
        }
    )
    there = (child for child in target.children if _is_plain(child) and not _is_near(child, target, source))
    compared = target.model_copy(update={"children": tuple(there)})
    return _compare_design(
        Design(registry=like_source), compared, {}, registry_settings(source) | child_settings(source)
    )


def compare_reading(source: Registry, target: Registry) -> tuple[Difference, ...]:
    """Return a difference for each part of the two registries that could not be read, and so not compared."""
    return tuple(
        unread_difference(f"{what} of {registry.name}", reason)
        for registry in (source, target)
        for what, reason in sorted(registry.unread.items())
    )


def _compare_design(
    design: Design, target: Registry, deferred: Mapping[str, Any], source: Mapping[str, str] | None
) -> tuple[Difference, ...]:
    """Return the differences. `source`: its actual settings, to recognise the target's unrequested ones."""
    target = respelled(target, design.registry)
    want = (
        registry_settings(design.registry) | child_settings(design.registry) | dict(deferred_settings(design.deferred))
    )
    have = registry_settings(target) | child_settings(target)
    waiting, children = dict(deferred_settings(deferred)).keys(), _names(design.registry) | _names(target)
    missing = tuple(f"{name}." for name in want.keys() & children if name not in have)
    differing = sorted(
        name
        for name in want.keys() - waiting
        if not (is_alike(want[name], have[name]) if name in have else is_default_setting(want[name], name))
        and not name.startswith(missing)
        and (want[name] or not name.endswith(ADDED))
    )
    unasked = sorted(have.keys() - want.keys() - waiting)
    extra = [name for name in unasked if name in children or ".tags." in f".{name}"]
    besides = (*ANNOUNCED, *extra, *(f"{name}." for name in extra))
    changed = [name for name in unasked if not name.startswith(besides) and _is_changed(have[name], name, source)]
    return (
        *(_setting(name, want[name], have.get(name, ""), is_child=name in children) for name in differing),
        *(_setting(name, (source or {}).get(name, "not set"), have[name]) for name in changed),
        *(difference("extra", name, f"{name} is only at the target", sides=("", have[name])) for name in extra),
        *_broken(target),
    )


def _is_changed(have: str, name: str, source: Mapping[str, str] | None) -> bool:
    """Return whether the target has an unrequested setting that the source does not have either.

    Azure shows an empty list for an unset list: that is not a setting.
    """
    if source is None or not have:
        return False
    return not is_alike(source[name], have) if name in source else not is_default_setting(have, name)


def is_default_setting(value: str, name: str) -> bool:
    """Return whether the setting has its default value; off is a choice if the default is on."""
    kind, _, rest = name.partition("/")
    known = f"{kind}/{rest.partition('.')[2]}" if rest else name
    return value.lower() in ({_DEFAULTS[known], ""} if known in _DEFAULTS else NOT_SET)


def is_alike(one: str, other: str) -> bool:
    """Return whether two values are the same, in any capitals where Azure's vary."""
    return one == other or (one.lower() == other.lower() and one.lower() in _WORDS)


def _broken(target: Registry) -> Iterator[Difference]:
    """Yield the registry and each of its children in a failed provisioning state."""
    whole = (("", target.properties), *((f"{one.kind}/{one.name}.", one.properties) for one in target.children))
    for name, properties in whole:
        state = str(properties.get("provisioningState") or "")
        if state.lower() in _BROKEN:
            subject = f"{name}provisioningState"
            message = f"{subject} is {state} at the target; it should be Succeeded"
            yield difference("setting", subject, message, sides=("Succeeded", state), cause=_FAILED, remedy=REPAIR)


def _names(registry: Registry) -> frozenset[str]:
    return frozenset(f"{child.kind}/{child.name}" for child in registry.children)


def _is_plain(child: Child) -> bool:
    return child.kind not in OF_THE_PLACE


def _is_near(child: Child, own: Registry, other: Registry) -> bool:
    """Return whether it is a replica in the home region of one of the two registries: both are there anyway."""
    is_home_of_other = child.kind == "replications" and normalise_location(
        child.location or child.name
    ) == normalise_location(other.location)
    return is_home_replication(child, own) or is_home_of_other


def _elsewhere(child: Child, source: Registry, target: Registry, own: Mapping[str, str]) -> Child:
    home = normalise_location(child.location or "") == normalise_location(source.location)
    place = target.location if home and child.kind != "replications" else child.location
    return child.model_copy(update={"location": place, "properties": replace_ids(child.properties, own)})


def deferred_settings(deferred: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the deferred settings, by the same names as all others."""
    for name, value in deferred.items():
        if name in {"tasks", "webhooks"}:
            for child, properties in value.items():
                yield from flatten_values(f"{name}/{child}.", properties)
        elif name == "networkRuleSet":
            yield from flatten_values(f"{name}.", {key: rule_subnets(rules) for key, rules in value.items()})
        else:
            yield from flatten_values(f"{name}.", value)


def registry_settings(registry: Registry) -> dict[str, str]:
    """Return the registry's own settings by dotted name, as text."""
    return {
        "location": normalise_location(registry.location),
        "sku": registry.sku,
        "identity": "None",
        **dict(_of_any_resource("", registry.identity, registry.tags)),
        **dict(flatten_values("", settings_of(registry))),
    }


def child_settings(registry: Registry) -> dict[str, str]:
    """Return the children that a relocation creates, by kind and name, and their settings by dotted name."""
    settings: dict[str, str] = {}
    for child in registry.children:
        if child.kind in REWRITES and not is_system_scope_map(child) and not is_home_replication(child, registry):
            name = f"{child.kind}/{child.name}"
            settings[name] = normalise_location(child.location or "there")
            settings |= dict(_of_any_resource(f"{name}.", child.identity, child.tags))
            settings |= dict(flatten_values(f"{name}.", settings_of_child(child)))
    return settings


def _of_any_resource(
    prefix: str, identity: Mapping[str, Any] | None, tags: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the kind of its identity, its user-assigned identities, and its tags without our own."""
    if identity:
        yield f"{prefix}identity", ", ".join(sorted(identity_kinds(identity))) or "None"
        users = sorted(user.lower() for user in identity.get("userAssignedIdentities") or ())
        yield f"{prefix}identities", ", ".join(users)
    named = {name.lower(): value for name, value in tags.items()}  # ARM: names of tags are case-insensitive
    yield from ((f"{prefix}tags.{name}", named[name]) for name in named if name not in {PLAN_TAG, SOURCE_TAG})


def _setting(name: str, source: str, target: str, *, is_child: bool = False) -> Difference:
    message = f"{name} is {target or 'not there'} at the target; it should be {source}"
    if is_child and not target:
        message = f"{name} is missing at the target"
    return difference("setting", name, message, sides=(source, target))
