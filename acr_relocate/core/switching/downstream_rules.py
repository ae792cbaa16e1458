"""Cache rules of other registries that fill their repositories from the source.

Azure changes nothing of a rule but its credential set, so a rule is deleted and made again under its name. A rule whose
repository exists is refused then, and so is the former one: a rule that has filled anything is left to people.

Source: Cache Rules - Create, Update and Delete (2025-11-01; `identity` 2026-03-01-preview);
D/artifact-cache-overview.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.resource_types import PREVIEW, STABLE
from acr_relocate.core.switching.downstream_tasks import WHY_LEFT
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent, comes_from
from acr_relocate.core.switching.former_values import FormerRule
from acr_relocate.core.switching.writes import SwitchWrite

Json = dict[str, Any]
RULES_API: Final = PREVIEW
STAR: Final = "*"
_RECORDED: Final = frozenset({"sourceRepository", "targetRepository"})
_PLANNED: Final = _RECORDED | {"credentialSetResourceId"}
_COMPUTED: Final = frozenset({"creationDate", "provisioningState"})
_DEFAULTS: Final = {"writableCacheRepos": "Disabled"}


def why_rule_not_switched(rule: Json, filled: str | Unknown | None) -> str:
    """Return why the rule is left to people, or an empty string.

    `filled`: a repository that it has filled, or None.
    """
    own = properties(rule)
    if own.get("credentialSetResourceId"):
        return (
            "it signs in with a credential set, which is for the source's login server and has its password. Let it "
            "sign in with a managed identity, or give it a credential set for the target"
        )
    if "SystemAssigned" in str((rule.get("identity") or {}).get("type") or ""):
        return "it signs in with an identity of its own, which would be another one afterwards"
    if more := sorted(_others(own)):
        return f"it has settings that a new rule may not get: {', '.join(more)}"
    if isinstance(filled, Unknown):
        return f"whether it has filled a repository could not be read: {filled.reason}"
    if filled:
        return f"it has filled {filled}, and Azure refuses a new rule for a repository that exists"
    return ""


def reduced_rule(rule: Json, filled: str | Unknown | None) -> Json:
    """Return what a plan may keep of the rule, and why it is left to people."""
    own = {name: value for name, value in properties(rule).items() if name in _PLANNED and value}
    kept = {name: rule.get(name) for name in ("id", "name", "location", "identity") if rule.get(name)}
    return kept | {"properties": own, WHY_LEFT: why_rule_not_switched(rule, filled)}


def fills(rule: Json) -> str:
    """Return the repository that the rule fills, or the beginning of those with a star."""
    return str(properties(rule).get("targetRepository") or "")


def first_filled(pattern: str, repositories: Iterable[str]) -> str | None:
    """Return the first of these repositories that the rule fills, or None."""
    beginning = pattern.removesuffix(STAR)
    return next((one for one in repositories if one == pattern or _is_below(one, beginning, pattern)), None)


def _is_below(name: str, beginning: str, pattern: str) -> bool:
    return pattern.endswith(STAR) and name.startswith(beginning)


def fills_from(rule: Json, server: str) -> bool:
    """Return whether the rule fills its repositories from this registry."""
    return comes_from(_upstream(rule), server)


def facts_of_rule(rule: Json, *, registry_id: str, source_server: str, target_server: str) -> SwitchedDependent:
    """Return the former value of the rule, which fills its repositories from the source."""
    identities = (rule.get("identity") or {}).get("userAssignedIdentities") or {}
    return SwitchedDependent(
        registry_id=registry_id.lower(),
        kind="downstream_rule",
        dependent_id=str(rule["id"]),
        source_server=source_server,
        target_server=target_server,
        rule=FormerRule(source=_upstream(rule), fills=fills(rule), identities=tuple(identities)),
    )


def rule_writes(rule: Json | None, facts: SwitchedDependent, upstream: str) -> tuple[SwitchWrite, ...]:
    """Return the write of a new rule that fills from this upstream; none if it does. `rule`: None if it is gone.

    One that is there has to be deleted first.
    """
    former = facts.rule
    if former is None or (rule and _upstream(rule) == upstream):
        return ()
    body: Json = {"properties": {"sourceRepository": upstream, "targetRepository": former.fills}}
    if former.identities:
        held = {"type": "UserAssigned", "userAssignedIdentities": {one: {} for one in former.identities}}
        body["identity"] = held
    version = PREVIEW if former.identities else STABLE
    return (SwitchWrite("PUT", facts.dependent_id, version, body),)


def rule_changed_since(rule: Json, facts: SwitchedDependent) -> str:
    """Return what somebody else has changed of the rule, or an empty string."""
    former = facts.rule
    if former is None or _upstream(rule).lower() not in {former.source.lower(), facts.upstream_after.lower()}:
        return f"it fills its repositories from {_upstream(rule)}"
    if fills(rule) != former.fills:
        return f"it fills {fills(rule)}"
    held = (rule.get("identity") or {}).get("userAssignedIdentities") or {}
    if {one.lower() for one in held} != {one.lower() for one in former.identities}:
        return "it signs in with other identities"
    return f"it has {', '.join(sorted(_others(properties(rule))))}" if _others(properties(rule)) else ""


def rule_health(rule: Json | None, upstream: str) -> DependentHealth:
    """Return whether Azure has made the rule for this upstream; its next pull of an image is the proof."""
    if rule is None:
        return DependentHealth("waiting", "Azure does not show it yet")
    state = str(properties(rule).get("provisioningState") or "unknown")
    if state.lower() == "failed":
        return DependentHealth("failed", f"it is {state}")
    ready = state.lower() == "succeeded" and _upstream(rule) == upstream
    return DependentHealth("ready" if ready else "waiting", f"it is {state} and fills from {_upstream(rule)}")


def _upstream(rule: Json) -> str:
    return str(properties(rule).get("sourceRepository") or "")


def _others(own: Json) -> set[str]:
    kept = _RECORDED | _COMPUTED
    return {name for name, value in own.items() if name not in kept and value and value != _DEFAULTS.get(name)}
