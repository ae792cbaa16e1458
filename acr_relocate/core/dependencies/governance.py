"""Restrictions on the registry: locks, policy assignments, and policies that name its host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.registry.resource_ids import ResourceId


def governance_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the locks and policies in force on the registry, inherited ones included, and those that name its host."""
    for lock in readable_items(scene.around.locks):
        yield _lock(scene, lock)
    by_host = [
        rule for rule in readable_items(scene.around.host_rules) if allows_host(rule, scene.registry.login_server)
    ]
    told = {str(rule["id"]).lower() for rule in by_host}
    for policy in readable_items(scene.around.policies):
        if str(policy["id"]).lower() not in told:
            yield _policy(scene, policy)
    for rule in by_host:
        yield _host_rule(scene, rule)


def allows_host(rule: Json, login_server: str) -> bool:
    """Return whether a policy's text has the login server, plain or as a regular expression writes it.

    `allowedContainerImagesRegex` of Azure Policy for Kubernetes, `registryScopes` of Ratify and Notation
    (governance/policy/concepts/policy-for-kubernetes; aks/image-integrity).
    """
    own = properties(rule)
    text = json.dumps([own.get("parameters"), own.get("policyRule")]).replace("\\", "").replace("[.]", ".").lower()
    name, _, domain = login_server.lower().partition(".")
    return domain in text and bool(re.search(rf"(?<![a-z0-9-]){re.escape(name)}(?![a-z0-9-])", text))


def _host_rule(scene: MapContext, rule: Json) -> Dependency:
    own, old = properties(rule), scene.registry.login_server
    there = f"{scene.request.target.name}.{old.partition('.')[2]}"
    scope, _, kind = str(rule["id"]).rpartition("/providers/")
    shown = {"id": rule["id"], "name": str(own.get("displayName") or rule["name"])}
    tie = f"its text at {ResourceId(scope or '/').scope_name} names {old}"
    if allows_host(rule, there):
        action = f"nothing: it names {there} as well"
        return entry_of("host_rule", shown, tie, "Resource Graph", "shared", action)
    action = "manual: name the target beside the source before the cut-over, or its images are refused"
    if "/policyassignments/" in kind.lower():
        options, file = {"name": str(rule["name"]), "scope": scope}, f"{rule['name']}.json"
        command = (
            f"{az('policy assignment show', **options, query='parameters')} > {file}\n"
            f"# in {file}: {there} beside {old}\n{az('policy assignment update', **options, params=file)}"
        )
    else:
        command = az("policy definition show", name=rule["name"]) + f"  # where it says {old}"
    return entry_of("host_rule", shown, tie, "Resource Graph", "re-wired", action, command)


def _lock(scene: MapContext, lock: Lock) -> Dependency:
    shown = {"id": f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}", "name": lock.name}
    tie = f"{lock.level} at {ResourceId(lock.scope).scope_name}"
    if scene.is_inherited(lock.scope) and scene.covers_target(lock.scope):
        action = "nothing: it applies to the target as well; check that it allows the target"
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
