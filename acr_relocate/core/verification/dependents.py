"""Compare the resources tied to the source and to the target: roles, grants of its identities, locks, passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from acr_relocate.core.cut_over.roles import translated
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.access import PULL_ROLES, role_name
from acr_relocate.core.dependencies.lookups import identities_of
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.registry.renamed_settings import role_condition
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.external_references import id_mapping
from acr_relocate.core.verification.credentials import compare_credentials
from acr_relocate.core.verification.differences import Difference, difference, unread_difference
from acr_relocate.core.verification.manual_children import compare_manual_children
from acr_relocate.core.verification.notifications import compare_notifications

_PARTS: Final = {
    "role_assignments": "role assignments",
    "granted": "roles of its own identities",
    "others": "key vaults that they use",
    "event_subscriptions": "event subscriptions",
    "naming": "resources whose settings name it",
    "alerts": "alert rules",
    "locks": "locks",
}
QUOTED: Final = re.compile(r"'[^']*'|[^']+")
"""The quoted values that a condition compares, in which case and spaces matter (`StringEquals`), and the rest."""


def compare_dependents(
    source: Registry,
    target: Registry,
    around_source: Surroundings,
    around_target: Surroundings,
    *,
    locks: bool = True,
    seen_at: datetime | None = None,
    request: RelocationRequest | None = None,
) -> tuple[Difference, ...]:
    """Return the dependents of the source that the target lacks, or has in another way. `seen_at`: the time of reading.

    `request`: of the relocation; without one, the target has the source's ids and names.
    """
    sides = ((source, around_source), (target, around_target))
    return (
        *(
            unread_difference(f"the {what} of {one.name}", reason)
            for one, around in sides
            for what, reason in _unknown(around)
        ),
        *_roles(source, target, around_source, around_target, request.names if request else AS_AT_SOURCE),
        *_grants(source, target, around_source, around_target),
        *_policies(source, target, around_source, around_target),
        *compare_notifications(source, target, around_source, around_target),
        *(_locks(source, target, around_source, around_target) if locks else ()),
        *compare_credentials(source, target, seen_at),
        *compare_manual_children(source, target, id_mapping(request) if request else {}),
    )


def _unknown(around: Surroundings) -> Iterator[tuple[str, str]]:
    for name, what in _PARTS.items():
        part = getattr(around, name)
        if isinstance(part, Unknown):
            yield what, part.reason
    yield from ((f"{_PARTS[row.part]} ({row.name})", row.reason) for row in around.odd if row.part in _PARTS)


_Role = tuple[str, str, str, str]
"""Principal, role, condition, and delegated identity, normalised so that equal roles compare equal."""


def _roles(
    source: Registry, target: Registry, around: Surroundings, there: Surroundings, names: RenameMap
) -> Iterator[Difference]:
    """Yield each role of a principal at the source that it lacks at the target; and the other way round."""
    if isinstance(there.role_assignments, Unknown):
        return
    wanted = {
        role: entry
        for entry in readable_items(around.role_assignments)
        if _is_own(entry, source, target)
        for role in _honoured(_under_names(entry, names), source, target)
    }
    have = {_role(entry): entry for entry in readable_items(there.role_assignments)}
    for role, entry in sorted(wanted.items(), key=_by_role):
        if role not in have:
            yield _lacking_role(properties(entry), role[1])
    for role, entry in sorted(have.items(), key=_by_role):
        is_at_target = str(properties(entry).get("scope") or "").rstrip("/").lower() == target.id.lower()
        if is_at_target and role not in wanted and not isinstance(around.role_assignments, Unknown):
            yield _role_of_target(properties(entry), role[1])


def _by_role(pair: tuple[_Role, Json]) -> _Role:
    return pair[0]


def _lacking_role(assignment: Json, role: str) -> Difference:
    name, who = role_name(role), _holder(assignment)
    limited = " under its condition" if assignment.get("condition") else ""
    limited += " with its delegated identity" if assignment.get("delegatedManagedIdentityResourceId") else ""
    message = f"{who} has {name}{limited} because of the source, not at the target"
    return difference("dependent", f"role {name} for {assignment.get('principalId')}", message, sides=(name, ""))


def _role_of_target(assignment: Json, role: str) -> Difference:
    name = role_name(role)
    subject, message = (
        f"role {name} for {assignment.get('principalId')}",
        f"{_holder(assignment)} has {name} only there",
    )
    return difference("extra", subject, message, sides=("", name))


def _holder(assignment: Json) -> str:
    return f"{assignment.get('principalType') or 'principal'} {assignment.get('principalId')}"


def _is_own(entry: Json, source: Registry, target: Registry) -> bool:
    """Return whether the target needs it too: given at the source, or for registries above the source only."""
    scope = str(properties(entry).get("scope") or "").rstrip("/").lower()
    if scope == source.id.lower():
        return True
    role = ResourceId(str(properties(entry).get("roleDefinitionId") or "")).name.lower()
    return role in PULL_ROLES and not f"{target.id}/".lower().startswith(f"{scope}/")


def _under_names(entry: Json, names: RenameMap) -> Json:
    """Return the assignment with the names of the target; one that cannot be written so stays as it is."""
    own = properties(entry)
    there = role_condition(str(own.get("condition") or ""), names)
    return entry | {"properties": own | {"condition": there}} if there else entry


def _honoured(entry: Json, source: Registry, target: Registry) -> Iterator[_Role]:
    """Yield the role expected at the target: in the roles that its mode honours, with its own identity as holder.

    An identity of a part of the source that the target does not have needs nothing.
    """
    principal, role, condition, delegate = _role(entry)
    holder = counterparts(source, target).get(principal, principal)
    abac = target.uses_abac
    if holder:
        yield from (
            (holder, one, re.sub(re.escape(source.id), target.id, condition, flags=re.IGNORECASE), delegate)
            for one in translated(role, abac=abac)
        )


def counterparts(source: Registry, target: Registry) -> dict[str, str]:
    """Return the target's principal for each of the source's own; empty if the target has no counterpart."""
    there = {("", ""): target.identity, **{(one.kind, one.name): one.identity for one in target.children}}
    here = {("", ""): source.identity, **{(one.kind, one.name): one.identity for one in source.children}}
    return {_principal(own): _principal(there.get(part)) for part, own in here.items() if _principal(own)}


def _principal(identity: Json | None) -> str:
    return str((identity or {}).get("principalId") or "").lower()


def _role(entry: Json) -> _Role:
    own = properties(entry)
    condition = str(own.get("condition") or "")
    return (
        str(own.get("principalId") or "").lower(),
        ResourceId(str(own.get("roleDefinitionId") or "")).name.lower(),
        QUOTED.sub(_plain, condition),
        str(own.get("delegatedManagedIdentityResourceId") or "").lower(),
    )


def _plain(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("'") else "".join(found.group().lower().split())


def _grants(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each role that an identity of the source holds elsewhere, and the target's counterpart lacks."""
    wanted, have = (set(map(_grant, readable_items(one.granted))) for one in (around, there))
    for role, scope in sorted(wanted - have):
        if isinstance(there.granted, Unknown) or scope == source.id.lower():
            continue
        granted = f"{role_name(role)} at {ResourceId(scope).name}"
        yield difference(
            "dependent",
            f"role {granted}",
            f"the identity of {source.name} has {granted}, that of {target.name} has not",
            sides=(role_name(role), ""),
            cause="A registry's own identity is new, and starts without any role.",
        )


def _grant(entry: Json) -> tuple[str, str]:
    own = properties(entry)
    return ResourceId(str(own.get("roleDefinitionId") or "")).name.lower(), str(own.get("scope") or "").lower()


def _policies(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each permission in a vault's access policies that the source's identities have and the target's lack."""
    if isinstance(there.others, Unknown):
        return
    vaults = {str(one["id"]).lower(): one for one in (*readable_items(around.others), *readable_items(there.others))}
    here, own = identities_of(source), identities_of(target)
    for vault in (vaults[name] for name in sorted(vaults)):
        for permission in sorted(_permitted(vault, here) - _permitted(vault, own)):
            yield difference(
                "dependent",
                f"{permission} in {vault['name']}",
                f"the identity of {source.name} may {permission} in {vault['name']}, that of {target.name} may not",
                sides=(permission, ""),
                cause="A registry's own identity is new, and no access policy has it yet.",
            )


def _permitted(vault: Json, principals: Iterable[str]) -> frozenset[str]:
    """Return the permissions of these principals in a vault's policies, such as `get secrets`, without roles."""
    own, held = properties(vault), {principal.lower() for principal in principals}
    policies = () if own.get("enableRbacAuthorization") else own.get("accessPolicies") or ()
    return frozenset(
        f"{verb} {what}".lower()
        for policy in policies
        if str(policy.get("objectId")).lower() in held
        for what, verbs in (policy.get("permissions") or {}).items()
        for verb in verbs or ()
    )


def _locks(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each lock on the source itself that the target lacks, and the other way round."""
    if isinstance(there.locks, Unknown) or isinstance(around.locks, Unknown):
        return
    have = {lock.level for lock in there.locks}
    for lock in there.locks:
        if lock.scope.lower() == target.id.lower() and lock.level not in {one.level for one in around.locks}:
            message = f"{target.name} has the lock {lock.name} ({lock.level}), {source.name} has none of that level"
            yield difference("extra", f"lock {lock.name}", message, sides=("", lock.level))
    for lock in around.locks:
        if lock.scope.lower() == source.id.lower() and lock.level not in have:
            yield difference(
                "dependent",
                f"lock {lock.name}",
                f"{source.name} has the lock {lock.name} ({lock.level}), {target.name} has none of that level",
                sides=(lock.level, ""),
            )
