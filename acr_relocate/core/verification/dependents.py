"""What is tied to the source, and to the target: roles, grants of its identities, event subscriptions, locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.evidence import Unknown
from acr_relocate.core.children import HISTORY, KINDS
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.access import ROLES, role_name
from acr_relocate.core.dependencies.surroundings import Json, known, name_of, properties
from acr_relocate.core.inventory import Registry
from acr_relocate.core.verification.differences import Difference, difference, unread

PARTS: Final = {
    "role_assignments": "role assignments",
    "granted": "roles of its own identities",
    "event_subscriptions": "event subscriptions",
    "locks": "locks",
}
# What AcrPull and its like are called where a registry's roles hold for repositories (azure.md 2.7).
ABAC_TWINS: Final = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "b93aa761-3e63-49ed-ac28-beffa264f7ac",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "2a1e307c-b015-4ebd-883e-5b7698a07328",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
}
BY_HAND: Final = "It is carried by hand, and nobody has done so yet."


def compare_dependents(
    source: Registry,
    target: Registry,
    around_source: Surroundings,
    around_target: Surroundings,
    *,
    locks: bool = True,
) -> tuple[Difference, ...]:
    """Return what is tied to the source and not, or not in the same way, to the target."""
    sides = ((source, around_source), (target, around_target))
    return (
        *(unread(f"the {what} of {one.name}", reason) for one, around in sides for what, reason in _unknown(around)),
        *_roles(source, target, around_source, around_target),
        *_grants(source, target, around_source, around_target),
        *_subscriptions(around_source, around_target),
        *(_locks(source, target, around_source, around_target) if locks else ()),
        *_passwords(source, target),
        *_carried_by_hand(source, target),
    )


def _unknown(around: Surroundings) -> Iterator[tuple[str, str]]:
    for name, what in PARTS.items():
        part = getattr(around, name)
        if isinstance(part, Unknown):
            yield what, part.reason


Role = tuple[str, str, str]
"""Principal, role and condition, in a form in which equal means equal."""


def _roles(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each role that somebody holds at the source, but not at the target."""
    wanted = {
        _role(entry, source, target): entry
        for entry in known(around.role_assignments)
        if _is_own(entry, source, target)
    }
    have = {_role(entry, target, target) for entry in known(there.role_assignments)}
    for role, entry in sorted(wanted.items()):
        if role not in have and not isinstance(there.role_assignments, Unknown):
            yield _lacking_role(properties(entry))


def _lacking_role(assignment: Json) -> Difference:
    name = role_name(name_of(str(assignment.get("roleDefinitionId") or "")))
    who = f"{assignment.get('principalType') or 'principal'} {assignment.get('principalId')}"
    limited = " under its condition" if assignment.get("condition") else ""
    message = f"{who} has {name}{limited} at the source, not at the target"
    return difference("dependent", f"role {name} for {assignment.get('principalId')}", message, sides=(name, ""))


def _is_own(entry: Json, source: Registry, target: Registry) -> bool:
    """Whether the target needs it too: given at the source, or for registries above the source and not the target."""
    scope = str(properties(entry).get("scope") or "").rstrip("/").lower()
    if scope == source.id.lower():
        return True
    role = name_of(str(properties(entry).get("roleDefinitionId") or "")).lower()
    return role in ROLES and not f"{target.id}/".lower().startswith(f"{scope}/")


def _role(entry: Json, registry: Registry, target: Registry) -> Role:
    own = properties(entry)
    role = name_of(str(own.get("roleDefinitionId") or "")).lower()
    if target.properties.get("roleAssignmentMode") == "AbacRepositoryPermissions":
        role = ABAC_TWINS.get(role, role)
    elif registry.properties.get("roleAssignmentMode") == "AbacRepositoryPermissions":
        role = {abac: plain for plain, abac in ABAC_TWINS.items()}.get(role, role)
    condition = " ".join(str(own.get("condition") or "").split())
    own_id = registry.id.lower()
    return str(own.get("principalId") or "").lower(), role, condition.lower().replace(own_id, target.id.lower())


def _grants(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each role that an identity of the source holds elsewhere, and no identity of the target."""
    wanted, have = (set(map(_grant, known(one.granted))) for one in (around, there))
    for role, scope in sorted(wanted - have):
        if isinstance(there.granted, Unknown) or scope == source.id.lower():
            continue
        yield difference(
            "dependent",
            f"role {role_name(role)} at {name_of(scope)}",
            f"the identity of {source.name} has {role_name(role)} at {name_of(scope)}, that of {target.name} has not",
            sides=(role_name(role), ""),
            cause="A registry's own identity is made anew, and starts without any role.",
        )


def _grant(entry: Json) -> tuple[str, str]:
    own = properties(entry)
    return name_of(str(own.get("roleDefinitionId") or "")).lower(), str(own.get("scope") or "").lower()


def _subscriptions(around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    if isinstance(there.event_subscriptions, Unknown):
        return
    have = {str(one.get("name")).lower(): one for one in known(there.event_subscriptions)}
    for entry in known(around.event_subscriptions):
        found = have.get(str(entry.get("name")).lower())
        same = found is not None and _events(found) == _events(entry)
        if not same:
            yield difference(
                "dependent",
                f"event subscription {entry['name']}",
                f"the event subscription {entry['name']} {'differs' if found else 'is missing'} at the target",
                sides=(_events(entry), _events(found) if found else ""),
            )


def _events(subscription: Json) -> str:
    """What is delivered, and to what kind of receiver; addresses of web hooks are secret and not shown."""
    own = properties(subscription)
    types = sorted((own.get("filter") or {}).get("includedEventTypes") or ["all"])
    return f"{', '.join(types)} to {(own.get('destination') or {}).get('endpointType') or 'a receiver'}"


def _locks(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each lock on the source itself that the target has not."""
    if isinstance(there.locks, Unknown):
        return
    have = {lock.level for lock in known(there.locks)}
    for lock in known(around.locks):
        if lock.scope.lower() == source.id.lower() and lock.level not in have:
            yield difference(
                "dependent",
                f"lock {lock.name}",
                f"{source.name} has the lock {lock.name} ({lock.level}), {target.name} has none of that level",
                sides=(lock.level, ""),
            )


def _passwords(source: Registry, target: Registry) -> Iterator[Difference]:
    """Yield each token that has a password at the source and none at the target: nobody can sign in with it."""
    have = {token.name: _password_names(token.properties) for token in target.children_of("tokens")}
    for token in source.children_of("tokens"):
        lacking = _password_names(token.properties) - have.get(token.name, frozenset())
        if lacking and not have.get(token.name, {"none"}):
            yield difference(
                "dependent",
                f"token {token.name}",
                f"the token {token.name} has no password at the target",
                sides=(", ".join(sorted(lacking)), ""),
                cause="Azure shows no password, so new ones have to be made.",
            )


def _password_names(token: Json) -> frozenset[str]:
    passwords = (token.get("credentials") or {}).get("passwords") or ()
    return frozenset(str(one.get("name")) for one in passwords)


def _carried_by_hand(source: Registry, target: Registry) -> Iterator[Difference]:
    """Yield each child that no deployment makes and that the target has not."""
    passing = {*KINDS, *HISTORY, "privateEndpointConnections"}
    have = {(child.kind, child.name) for child in target.children}
    for child in source.children:
        if child.kind not in passing and (child.kind, child.name) not in have:
            subject = f"{child.kind}/{child.name}"
            yield difference("dependent", subject, f"{subject} is missing at the target", cause=BY_HAND)
