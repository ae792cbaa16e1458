"""Restrictions on the registry: locks and policy assignments."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.registry.resource_ids import ResourceId


def governance_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the locks and policies in force on the registry, inherited ones included."""
    for lock in readable_items(scene.around.locks):
        yield _lock(scene, lock)
    for policy in readable_items(scene.around.policies):
        yield _policy(scene, policy)


def _lock(scene: MapContext, lock: Lock) -> Dependency:
    shown = {"id": f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}", "name": lock.name}
    tie = f"{lock.level} at {ResourceId(lock.scope).scope_name}"
    if scene.is_inherited(lock.scope) and scene.covers_target(lock.scope):
        action = "nothing: it holds for the target as well, so look whether it lets the target be made"
        return entry_of("lock", shown, tie, "Resource Manager", "shared", action)
    action = "manual: lock the target once it is verified"
    command = az("lock create", name=lock.name, lock_type=lock.level, resource=scene.target_id)
    return entry_of("lock", shown, tie, "Resource Manager", "re-created", action, command)


def _policy(scene: MapContext, policy: Json) -> Dependency:
    own = properties(policy)
    scope = str(own.get("scope") or policy["id"].partition("/providers/Microsoft.Authorization/policyAssignments/")[0])
    shown = {"id": policy["id"], "name": str(own.get("displayName") or policy["name"])}
    tie = f"assigned at {ResourceId(scope).scope_name}"
    if scene.covers_target(scope):
        action = "nothing: it holds for the target as well"
        return entry_of("policy", shown, tie, "Resource Manager", "shared", action)
    command = az(
        "policy assignment create",
        name=policy["name"],
        scope=ResourceId(scene.target_id).group_id,
        policy=own.get("policyDefinitionId"),
    )
    action = "manual: assign it at the target's scope, if it is wanted there"
    return entry_of("policy", shown, tie, "Resource Manager", "manual", action, command)
