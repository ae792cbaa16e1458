"""Keys, secrets and identities that the registry uses, and the roles that its own identities hold elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.dependencies.access import role_name
from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.managed_identities import has_system_identity
from acr_relocate.core.registry.resource_ids import ResourceId


def key_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the keys, secrets, vaults and identities that the registry needs."""
    yield from _encryption(scene)
    yield from _secrets(scene)
    yield from _identities(scene)
    yield from _grants(scene)


def _encryption(scene: MapContext) -> Iterator[Dependency]:
    vaulted = (scene.registry.properties.get("encryption") or {}).get("keyVaultProperties") or {}
    key = str(vaulted.get("keyIdentifier") or "")
    if key:
        action = "the deployment names the same key; its identity needs wrap and unwrap there before that"
        yield entry_of(
            "encryption_key", {"id": key, "name": _item(key)}, "encrypts the content", "the registry", "shared", action
        )
        yield _vault(scene, key, "holds the encryption key")


def _secrets(scene: MapContext) -> Iterator[Dependency]:
    for child in scene.registry.children_of("credentialSets"):
        for credential in child.properties.get("authCredentials") or ():
            for field in ("usernameSecretIdentifier", "passwordSecretIdentifier"):
                secret = str(credential.get(field) or "")
                if not secret:
                    continue
                tie, action = f"a credential of {child.name}", "the deployment names the same secret"
                yield entry_of("secret", {"id": secret, "name": _item(secret)}, tie, "the registry", "shared", action)
                yield _vault(scene, secret, "holds the secrets of credential sets")


def _vault(scene: MapContext, address: str, tie: str) -> Dependency:
    found = scene.vault(address)
    host = address.partition("://")[2].partition("/")[0]
    shown = found or {"id": "", "name": host.partition(".")[0]}
    scope = found["id"] if found else "RESOURCE-ID-OF-THE-VAULT"
    is_key = "/keys/" in address
    return entry_of(
        "key_vault",
        shown,
        tie,
        "Resource Graph" if found else "the registry",
        "shared",
        "manual: give the target's identity access; a new registry has a new one"
        if not is_key
        else "manual: give access to the identity that the target uses for the key",
        az(
            "role assignment create",
            role="Key Vault Crypto Service Encryption User" if is_key else "Key Vault Secrets User",
            assignee_object_id="PRINCIPAL-ID-OF-THE-NEW-IDENTITY",
            assignee_principal_type="ServicePrincipal",
            scope=scope,
        ),
    )


def _identities(scene: MapContext) -> Iterator[Dependency]:
    identity = scene.registry.identity or {}
    for resource_id in identity.get("userAssignedIdentities") or ():
        shown = {"id": resource_id, "name": ResourceId(resource_id).name, "location": scene.place(resource_id)}
        action = "the deployment gives the target the same identity"
        yield entry_of("managed_identity", shown, "an identity of the registry", "the registry", "shared", action)
    if has_system_identity(identity):
        shown = {"id": str(identity.get("principalId") or ""), "name": f"{scene.registry.name} (system-assigned)"}
        action = "the deployment gives the target one of its own, with a new principal: roles are not carried over"
        yield entry_of("managed_identity", shown, "the registry's own identity", "the registry", "re-created", action)


def _grants(scene: MapContext) -> Iterator[Dependency]:
    """Yield the roles that the registry's own identities hold: a new registry has new principals without them."""
    for entry in readable_items(scene.around.granted):
        yield _grant(scene, entry)


def _grant(scene: MapContext, entry: Json) -> Dependency:
    own = properties(entry)
    scope, role = str(own.get("scope") or ""), ResourceId(str(own.get("roleDefinitionId") or "")).name
    return entry_of(
        "grant",
        {"id": entry["id"], "name": f"{role_name(role)} at {ResourceId(scope).scope_name}"},
        f"held by {scene.holder(str(own.get('principalId') or ''))}",
        "Resource Graph",
        "re-created",
        "manual: give the role to the new principal, once the deployment has made it",
        az(
            "role assignment create",
            role=role_name(role),
            assignee_object_id="PRINCIPAL-ID-OF-THE-NEW-IDENTITY",
            assignee_principal_type="ServicePrincipal",
            scope=scope,
        ),
    )


def _item(address: str) -> str:
    """Return the name of a key or secret in its address."""
    parts = address.partition("://")[2].split("/")
    return parts[2] if len(parts) > 2 else address
