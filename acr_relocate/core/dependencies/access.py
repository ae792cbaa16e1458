"""Permissions at the registry: role assignments with their conditions, and the principals that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.resource_ids import ResourceId

# Built-in roles that are about registries (azure.md 2.7; role-based-access-control/built-in-roles/containers).
PULL_ROLES: Final = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "6cef56e8-d556-48e5-a04f-b8e64114680f": "AcrImageSigner",
    "cdda3590-29a3-44f6-95f2-9f980659eb04": "AcrQuarantineReader",
    "c8d4ff99-41c3-41a8-9f60-21dfdad59608": "AcrQuarantineWriter",
    "b93aa761-3e63-49ed-ac28-beffa264f7ac": "Container Registry Repository Reader",
    "2a1e307c-b015-4ebd-883e-5b7698a07328": "Container Registry Repository Writer",
    "2efddaa5-3f1f-4df3-97df-af3f13818f4c": "Container Registry Repository Contributor",
    "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7": "Container Registry Repository Catalog Lister",
    "577a9874-89fd-4f24-9dbd-b5034d0ad23a": "Container Registry Data Importer and Data Reader",
    "bf94e731-3a51-4a7c-8c54-a1ab9971dfc1": "Container Registry Transfer Pipeline Contributor",
    "fb382eab-e894-4461-af04-94435c366c3f": "Container Registry Tasks Contributor",
    "3bc748fc-213d-45c1-8d91-9da5725539b9": (
        "Container Registry Contributor and Data Access Configuration Administrator"
    ),
    "df87f177-bb12-4db1-9793-a413691eff94": "Container Registry Cache Rule Administrator",
    "f094fb07-0703-4400-ad6a-e16dd8000e14": "Container Registry Credential Set Administrator",
    "69b07be0-09bf-439a-b9a6-e73de851bd59": (
        "Container Registry Configuration Reader and Data Access Configuration Reader"
    ),
    "c357b964-0002-4b64-a50d-7a28f02edc52": "Container Registry Cache Rule Reader",
    "29093635-9924-4f2c-913b-650a12949526": "Container Registry Credential Set Reader",
}
# General roles. Those given above the registry are listed only if they do not cover the target: with permissions of
# the registry as a whole they let people and machines pull (container-registry-roles).
GENERAL: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}


def access_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the role assignments at the registry, those above it that are about registries, and their principals."""
    for entry in readable_items(scene.around.role_assignments):
        scope = str(properties(entry).get("scope") or "")
        role = ResourceId(str(properties(entry).get("roleDefinitionId") or "")).name.lower()
        if scene.is_inherited(scope) and role not in PULL_ROLES:
            if role in GENERAL and not scene.covers_target(scope):
                yield _general(scene, entry, scope, role)
            continue
        yield _assignment(scene, entry, scope, role)
        yield _principal(scene, entry)


def _assignment(scene: MapContext, entry: Json, scope: str, role: str) -> Dependency:
    own = properties(entry)
    principal, condition = str(own.get("principalId") or ""), own.get("condition")
    name = role_name(role)
    shown = {"id": entry.get("id"), "name": f"{name} for {scene.holder(principal)}"}
    limited = " under a condition on repositories, which is copied" if condition else ""
    if scene.is_inherited(scope) and scene.covers_target(scope):
        tie, action = f"given at {ResourceId(scope).scope_name}", "nothing: it holds for the target as well"
        return entry_of("role_assignment", shown, tie, "Resource Manager", "shared", action)
    return entry_of(
        "role_assignment",
        shown,
        f"given at {ResourceId(scope).scope_name}{limited}",
        "Resource Manager",
        "re-created",
        "manual: assign the role at the target; it may take 10 minutes to reach the registry",
        az(
            "role assignment create",
            assignee_object_id=principal,
            assignee_principal_type=own.get("principalType") or "ServicePrincipal",
            role=name,
            scope=scene.target_id,
            condition=condition,
            condition_version=own.get("conditionVersion") if condition else None,
        ),
    )


def _general(scene: MapContext, entry: Json, scope: str, role: str) -> Dependency:
    """Return a role such as Contributor that is given above the source and not above the target."""
    own = properties(entry)
    principal, name = str(own.get("principalId") or ""), role_name(role)
    return entry_of(
        "role_assignment",
        {"id": entry.get("id"), "name": f"{name} for {scene.holder(principal)}"},
        f"given at {ResourceId(scope).scope_name}, so it holds for the source and not for the target",
        "Resource Manager",
        "manual",
        "manual: it covers more than registries, so it is not given unasked",
        az(
            "role assignment create",
            assignee_object_id=principal,
            assignee_principal_type=own.get("principalType") or "ServicePrincipal",
            role=name,
            scope=ResourceId(scene.target_id).group_id,
        ),
    )


def _principal(scene: MapContext, entry: Json) -> Dependency:
    own = properties(entry)
    principal = str(own.get("principalId") or "")
    shown = {"name": scene.holder(principal), "id": principal}
    tie = f"{own.get('principalType') or 'principal'} with a role at the registry"
    return entry_of("principal", shown, tie, "Resource Manager", "shared", "nothing: it stays as it is")


def role_name(role: str) -> str:
    """Return a role's name, or its id for one that is not built in."""
    return PULL_ROLES.get(role.lower()) or GENERAL.get(role.lower()) or role
