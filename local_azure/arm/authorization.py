"""Enforce role assignments and locks."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, forbidden
from local_azure.state.roles import ACR, REPOSITORIES, Role, built_in
from local_azure.state.store import Resource, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"
LOCK_TYPE = "Microsoft.Authorization/locks"
READ_POSTS = frozenset({"checknameavailability", "listusages"})  # POSTs whose action ends in /read

# What a role grants on a registry, in the words of a registry token's scope.
LEGACY_RIGHTS = {
    f"{ACR}/pull/read": {"pull", "metadata_read", "catalog"},
    f"{ACR}/push/write": {"push", "metadata_write"},
    f"{ACR}/artifacts/delete": {"delete"},
}
ABAC_RIGHTS = {
    f"{REPOSITORIES}/content/read": "pull",
    f"{REPOSITORIES}/metadata/read": "metadata_read",
    f"{REPOSITORIES}/content/write": "push",
    f"{REPOSITORIES}/metadata/write": "metadata_write",
    f"{REPOSITORIES}/content/delete": "delete",
    f"{ACR}/catalog/read": "catalog",
}


def action_of(method: str, path: str) -> tuple[str, str]:
    """Return the management action of a request and the scope at which it must be allowed."""
    parts = path.strip("/").split("/")
    lower = [part.lower() for part in parts]
    if lower[-2:] == ["api", "query"]:  # learn.microsoft.com/azure/azure-monitor/logs/manage-access
        return "Microsoft.OperationalInsights/workspaces/query/read", "/" + "/".join(parts[:-2])
    if "providers" not in lower:
        return _group_action(method, parts)
    cut = len(lower) - 1 - lower[::-1].index("providers")
    namespace, rest = "/".join(parts[cut + 1 : cut + 2]), parts[cut + 2 :]
    if not rest:
        return "Microsoft.Resources/subscriptions/providers/read", "/" + "/".join(parts[:cut])
    kind = "/".join([namespace, *rest[::2]])
    at_collection = len(rest) % 2 == 1
    scope = "/" + "/".join(parts[:-1] if at_collection and len(rest) > 1 else parts[:cut] if at_collection else parts)
    return f"{kind}/{_verb(method, lower[-1])}", scope


_CASE = {"resourcegroups": "resourceGroups"}  # clients write it as they like, the action is always spelt so


def _group_action(method: str, parts: list[str]) -> tuple[str, str]:
    if parts[-1].lower() == "exporttemplate":
        # Read access to a group includes its export: the manifest of Microsoft.Resources maps one to the other
        # (`authorizationActionMappings`), and a custom role cannot name the action.
        return _group_action("GET", parts[:-1])
    kind = "/".join(["Microsoft.Resources", *(_CASE.get(part.lower(), part) for part in parts[::2])])
    scope = parts if len(parts) % 2 == 0 else parts[:-1]
    return f"{kind}/{_verb(method, parts[-1].lower())}", "/" + "/".join(scope)


def _verb(method: str, last: str) -> str:
    if method == "POST":
        return "read" if last in READ_POSTS else "action"
    return {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(method, "write")


def authorize(world: "World", principal: Principal, action: str, scope: str) -> None:
    """Raise AzureError 403 AuthorizationFailed unless the principal may."""
    if not allowed(world, principal, action, scope):
        raise forbidden(
            "AuthorizationFailed",
            f"The client '{principal.client_id}' with object id '{principal.object_id}' does not have authorization to "
            f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
            "please refresh your credentials.",
            gateway=True,
        )


def authorize_linked(world: "World", principal: Principal, action: str, scope: str, linked: tuple[str, str]) -> None:
    """Raise 403 LinkedAuthorizationFailed unless the principal may also do `linked` (action, scope)."""
    if not allowed(world, principal, *linked):
        raise forbidden(
            "LinkedAuthorizationFailed",
            f"The client '{principal.client_id}' with object id '{principal.object_id}' has permission to perform "
            f"action '{action}' on scope '{scope}'; however, it does not have permission to perform action(s) "
            f"'{linked[0]}' on the linked scope(s) '{linked[1]}' (respectively) or the linked scope(s) are invalid.",
            gateway=True,
        )


def allowed(world: "World", principal: Principal, action: str, scope: str) -> bool:
    """Return whether a role assignment at the scope or above it grants the action."""
    granted = _granted(world, principal, action, scope)
    world.stats.need(action, scope)
    if not granted:
        _note_refusal(world, principal, scope)
    return granted


def role_of(world: "World", definition_id: str) -> Role | None:
    """Return the role of a `roleDefinitionId` (a full id or its GUID): built in, or a custom one."""
    guid = definition_id.rstrip("/").rpartition("/")[2].lower()
    own = (one for one in world.resources.select(DEFINITION_TYPE) if one.name.lower() == guid)
    return built_in(guid) or next((custom_role(one) for one in own), None)


def custom_role(definition: Resource) -> Role:
    """Return a custom role: the union of its definition's permissions."""
    permissions: list[dict[str, list[str]]] = definition.properties["permissions"]

    def all_of(part: str) -> tuple[str, ...]:
        return tuple(pattern for permission in permissions for pattern in permission.get(part) or ())

    name = str(definition.properties["roleName"])
    parts = (all_of(part) for part in ("actions", "notActions", "dataActions", "notDataActions"))
    return Role(definition.name, name, *parts)


def readable(world: "World", principal: Principal, resources: Iterable[Resource]) -> list[Resource]:
    """Return the resources that the principal may read: lists are filtered by role."""
    return [one for one in resources if _granted(world, principal, f"{one.type}/read", one.id)]


def note_shown(world: "World", ids: Iterable[str]) -> None:
    """Record that these were shown, which needs a role that allows reading them."""
    for resource_id in ids:
        shown = world.resources.get(resource_id)
        if shown is not None:
            world.stats.need(f"{shown.type}/read", shown.id)


def holds_any_role(world: "World", principal: Principal, scope: str) -> bool:
    """Return whether the principal holds a role at the scope, above it or anywhere beneath it."""
    if any(grants(world, principal, scope)):
        return True
    holders = (one.properties["principalId"] for one in world.resources.beneath(scope) if one.type == ASSIGNMENT_TYPE)
    return any(holder.lower() == principal.object_id.lower() for holder in holders)


def _granted(world: "World", principal: Principal, action: str, scope: str) -> bool:
    return any(role.allows(action) for role, _ in grants(world, principal, scope))


def grants(world: "World", principal: Principal, scope: str) -> Iterator[tuple[Role, Resource]]:
    """Yield the roles that a principal holds at a scope, inherited ones too, with their assignments."""
    key = scope.strip("/").lower() + "/"
    fault = world.faults.peek("role-not-propagated")
    holders = {principal.object_id.lower()} | world.directory.groups_of(principal.object_id)
    for one in world.resources.select(ASSIGNMENT_TYPE):
        properties = one.properties
        if properties["principalId"].lower() not in holders:
            continue
        if fault is not None and one.created >= fault.armed_at:
            continue
        above = one.parent.strip("/").lower()
        if not above or key.startswith(above + "/"):
            role = role_of(world, properties["roleDefinitionId"])
            if role is not None:
                yield role, one


def _note_refusal(world: "World", principal: Principal, scope: str) -> None:
    """Use the fault once if the refused principal holds an assignment that has not propagated."""
    fault = world.faults.peek("role-not-propagated")
    if fault is None:
        return
    new = (one for one in world.resources.select(ASSIGNMENT_TYPE) if one.created >= fault.armed_at)
    if any(one.properties["principalId"].lower() == principal.object_id.lower() for one in new):
        world.faults.take("role-not-propagated", scope=scope)


def data_actions(world: "World", principal: Principal, registry_id: str, repository: str = "") -> set[str]:
    """Return a principal's data actions on a registry's content.

    Words: pull, push, delete, metadata_read, metadata_write, catalog. In ABAC mode only the repository roles count, and
    their conditions restrict them to the repositories they name.
    """
    registry = world.resources.require(registry_id)
    abac = registry.properties.get("roleAssignmentMode") == "AbacRepositoryPermissions"
    rights: set[str] = set()
    for role, one in grants(world, principal, registry_id):
        if abac and _condition_holds(one.properties.get("condition"), repository):
            rights |= {right for action, right in ABAC_RIGHTS.items() if role.allows_data(action)}
        if not abac:
            rights |= {right for action, given in LEGACY_RIGHTS.items() if role.allows(action) for right in given}
    if not rights:
        _note_refusal(world, principal, registry_id)
    return rights


def need_data(world: "World", registry: Resource, rights: Iterable[str]) -> None:
    """Record that these rights on a registry's content are needed from some role."""
    abac = registry.properties.get("roleAssignmentMode") == "AbacRepositoryPermissions"
    sources = {action: {right} for action, right in ABAC_RIGHTS.items()} if abac else LEGACY_RIGHTS
    for action, given in sources.items():
        if given & set(rights):
            world.stats.need(action, registry.id)


def _condition_holds(condition: str | None, repository: str) -> bool:
    if not condition:
        return True
    comparisons = re.findall(r"repositories:name\]\s+(\w+)\s+'([^']*)'", condition)
    name = repository.lower()
    return any(
        name == value.lower() if operator == "StringEqualsIgnoreCase" else name.startswith(value.lower())
        for operator, value in comparisons
    )


def check_locks(world: "World", method: str, path: str) -> None:
    """Raise AzureError 409 ScopeLocked if a lock forbids this: at the scope, above it or, for a delete, below."""
    locks = world.resources.select(LOCK_TYPE)
    if not locks or method in ("GET", "HEAD") or f"/{LOCK_TYPE}".lower() in path.lower():
        return
    target = path.strip("/").lower() + "/"
    deleting = method == "DELETE"
    holding = [one.parent for one in locks if _forbids(one, target, deleting=deleting)]
    if holding:
        raise AzureError(
            409,
            "ScopeLocked",
            f"The scope '/{path.strip('/')}' cannot perform {'delete' if deleting else 'write'} operation because "
            f"following scope(s) are locked: '{', '.join(holding)}'. Please remove the lock and try again.",
            gateway=True,
        )


def _forbids(lock: Resource, target: str, *, deleting: bool) -> bool:
    scope = lock.parent.strip("/").lower() + "/"
    if lock.properties.get("level") != "ReadOnly" and not deleting:
        return False
    return target.startswith(scope) or (deleting and scope.startswith(target))


def check_registered(world: "World", subscription: str, namespace: str) -> None:
    """Raise AzureError 409 MissingSubscriptionRegistration unless the provider is registered."""
    if subscription and not world.providers.registered(subscription, namespace):
        raise missing_registration(namespace)


def missing_registration(namespace: str) -> AzureError:
    """Return the 409 that makes clients register a resource provider."""
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how "
        "to register subscriptions."
    )
    detail: dict[str, Any] = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
    return AzureError(409, "MissingSubscriptionRegistration", message, details=[detail], gateway=True)


def guard(world: "World", principal: Principal, method: str, resource_id: str) -> None:
    """Make every check of ARM before a resource provider sees a request on a resource."""
    authorize(world, principal, *action_of(method, resource_id))
    check_locks(world, method, resource_id)
    if method not in ("GET", "HEAD", "DELETE"):
        parsed = parse_id(resource_id)
        check_registered(world, parsed.subscription, parsed.namespace)
