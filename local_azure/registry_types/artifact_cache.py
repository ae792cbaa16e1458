"""Cache rules and the credential sets they log in with. Nothing is ever cached here: there is no upstream."""

from typing import Final

from local_azure.arm.resource_types import Body
from local_azure.arm.vault_access import may_read
from local_azure.registry.admission import content_of
from local_azure.registry_types import schema
from local_azure.registry_types.common import (
    PROVIDER,
    check_name,
    compose,
    registry_of,
    registry_type,
    show_child,
    stamped,
)
from local_azure.registry_types.rules import status_of
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request, conflict
from local_azure.state.store import Resource
from local_azure.state.world import World

RULES: Final = "registries/cacheRules"
CREDENTIALS: Final = "registries/credentialSets"
MAX_RULES: Final = 1000
WORDS: Final = "Names must contain 5 to 50 alphanumeric characters or '-'."


def prepare_rule(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a cache rule, whose target repository must not exist and must not be another rule's."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9-]{5,50}", WORDS)
    registry = registry_of(world, resource_id)
    rule = compose(resource_id, body, existing, stamped(world, existing))
    source, target = rule.properties.get("sourceRepository"), rule.properties.get("targetRepository")
    if not source or not target:
        raise bad_request("InvalidCacheRule", "A cache rule needs a sourceRepository and a targetRepository.")
    if status_of(registry.properties, "softDeletePolicy") == "enabled":
        raise bad_request("SoftDeletePolicyConflict", "Artifact cache cannot be combined with the soft delete policy.")
    others = [one for one in world.resources.children(registry.id, rule.type) if one.id.lower() != rule.id.lower()]
    if len(others) >= MAX_RULES:
        raise bad_request("CacheRuleQuotaExceeded", f"A registry can have at most {MAX_RULES} cache rules.")
    if any(one.properties.get("targetRepository") == target for one in others):
        raise conflict("CacheRuleOverlap", f"Another cache rule has the target repository '{target}'.")
    if existing is None and target in content_of(world, registry).repositories:
        raise conflict(
            "CacheRuleTargetRepositoryExists", f"The target repository '{target}' already exists in the registry."
        )
    _check_credential_set(world, rule)
    return rule


def _check_credential_set(world: World, rule: Resource) -> None:
    credential_set = rule.properties.get("credentialSetResourceId")
    if credential_set and world.resources.get(credential_set) is None:
        raise bad_request("CredentialSetNotFound", f"The credential set '{credential_set}' was not found.")


def prepare_credential_set(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a credential set, with an identity of its own."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9-]{5,50}", WORDS)
    made = compose(resource_id, body, existing, stamped(world, existing))
    _refuse_other_identities(made)
    schema.require(CREDENTIALS, "2025-11-01", made.properties)
    for credential in made.properties.get("authCredentials") or ():
        credential.pop("credentialHealth", None)
    return made


def _refuse_other_identities(made: Resource) -> None:
    """Raise AzureError 400 for an identity that is not its own (Azure/azure-rest-api-specs#32154)."""
    kind = str((made.body.get("identity") or {}).get("type") or "")
    if "UserAssigned" in kind:
        raise bad_request(
            "CannotSetResourceIdentity",
            f"Resource type '{PROVIDER}/{CREDENTIALS}' does not support creation of '{kind}' resource identity. The "
            "supported types are 'SystemAssigned'.",
            gateway=True,
        )


def view_credential_set(resource: Resource, api_version: str, world: World) -> Body:
    """Return a credential set; whether its secrets are readable is checked each time."""
    properties = schema.shown(CREDENTIALS, api_version.lower(), resource.properties)
    for credential in properties.get("authCredentials") or ():
        credential["credentialHealth"] = _health(world, resource, credential)
    return show_child(world, resource, properties)


def _health(world: World, resource: Resource, credential: Body) -> Body:
    named = [str(credential.get(one) or "") for one in ("usernameSecretIdentifier", "passwordSecretIdentifier")]
    principal = world.directory.find(str(resource.hidden.get("principalId") or ""))
    unread = [one for one in named if one and not (principal and may_read(world, principal, one))]
    if not unread:
        return {"status": "Healthy"}
    message = f"Failed to access the secret {unread[0]} with the identity of the credential set."
    return {"status": "Unhealthy", "errorCode": "CredentialSetKeyVaultAccessFailed", "errorMessage": message}


TYPES: Final = (
    registry_type(RULES, prepare=prepare_rule, create_seconds=2, update_seconds=1, delete_seconds=1),
    registry_type(
        CREDENTIALS,
        prepare=prepare_credential_set,
        view=view_credential_set,
        create_seconds=2,
        update_seconds=1,
        delete_seconds=1,
    ),
)
