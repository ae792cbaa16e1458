"""Secrets of key vaults, over the vaults' own API.

Source: Key Vault REST API 7.4 (Set, Get, Delete and Recover Deleted Secret, Get Secret Versions); roles:
key-vault/general/rbac-guide. A vault without RBAC goes by its access policies (`permissions.secrets`).
"""

import uuid
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.authorization import grants
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, vault_routes

if TYPE_CHECKING:
    from local_azure.state.world import World

VAULT: Final = "Microsoft.KeyVault/vaults"
SECRETS: Final = "secrets"  # where a vault keeps them, hidden from ARM
DELETED: Final = "deletedsecrets"  # the same of what is deleted: every vault keeps that for a time
# Data action -> the same in the words of an access policy.
SET, GET, LIST, DELETE, RECOVER = (
    ("Microsoft.KeyVault/vaults/secrets/setSecret/action", "set"),
    ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "get"),
    ("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "list"),
    ("Microsoft.KeyVault/vaults/secrets/delete", "delete"),
    ("Microsoft.KeyVault/vaults/secrets/recover/action", "recover"),
)


@vault_routes.route("PUT", "/secrets/{name}")
async def set_secret(call: Call) -> web.Response:
    """The secret has a new version with this value."""
    vault = _vault(call, SET)
    body = await call.json()
    if not body.get("value"):
        raise AzureError(400, "BadParameter", "Property  value is required", gateway=True)
    if call.params.name.lower() in vault.hidden.get(DELETED, {}):
        message = f"Secret {call.params.name} is currently in a deleted but recoverable state, and its name cannot be "
        message += "reused; in this state, the secret can only be recovered or purged."
        raise AzureError(409, "Conflict", message, gateway=True)
    stamp = int(call.world.clock.now())
    version = {
        "value": str(body["value"]),
        "id": f"https://{call.host}/secrets/{call.params.name}/{uuid.uuid4().hex}",
        "contentType": body.get("contentType"),
        "tags": body.get("tags") or {},
        "attributes": {"enabled": True, "created": stamp, "updated": stamp},
    }
    vault.hidden.setdefault(SECRETS, {}).setdefault(call.params.name.lower(), []).append(version)
    return answer(version)


@vault_routes.route("GET", "/secrets/{name}")
async def get_secret(call: Call) -> web.Response:
    """The newest version, with its value."""
    return answer(_versions(_vault(call, GET), call)[-1])


@vault_routes.route("GET", "/secrets/{name}/versions")
async def list_versions(call: Call) -> web.Response:
    """All versions, without their values; an empty list for a secret that is not there."""
    versions = _vault(call, LIST).hidden.get(SECRETS, {}).get(call.params.name.lower(), [])
    shown = [{key: value for key, value in one.items() if key != "value"} for one in versions]
    return answer({"value": shown, "nextLink": None})


@vault_routes.route("DELETE", "/secrets/{name}")
async def delete_secret(call: Call) -> web.Response:
    """The secret is kept among the deleted ones, and its name is taken until it is recovered."""
    vault, name = _vault(call, DELETE), call.params.name.lower()
    versions = _versions(vault, call)
    del vault.hidden[SECRETS][name]
    vault.hidden.setdefault(DELETED, {})[name] = versions
    return answer({"recoveryId": f"https://{call.host}/deletedsecrets/{name}", "id": versions[-1]["id"]})


@vault_routes.route("POST", "/deletedsecrets/{name}/recover")
async def recover_secret(call: Call) -> web.Response:
    """The secret is back, with all its versions."""
    vault, name = _vault(call, RECOVER), call.params.name.lower()
    versions = vault.hidden.get(DELETED, {}).pop(name, None)
    if versions is None:
        raise AzureError(404, "SecretNotFound", f"Deleted Secret not found: {name}", gateway=True)
    vault.hidden.setdefault(SECRETS, {})[name] = versions
    return answer({"id": versions[-1]["id"]})


def _versions(vault: Resource, call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = vault.hidden.get(SECRETS, {}).get(call.params.name.lower(), [])
    if not found:
        message = f"A secret with (name/id) {call.params.name} was not found in this key vault."
        raise AzureError(404, "SecretNotFound", message, gateway=True)
    return found


def vault_at(world: "World", host: str) -> Resource | None:
    """The vault behind a host name."""
    return next((one for one in world.resources.select(VAULT) if f"//{host}/" in one.properties["vaultUri"]), None)


def _vault(call: Call, right: tuple[str, str]) -> Resource:
    """The vault, if the caller has that right to its secrets."""
    vault = vault_at(call.world, call.host)
    if vault is None:
        raise AzureError(404, "VaultNotFound", f"There is no key vault {call.host}.", gateway=True)
    action, word = right
    if vault.properties.get("enableRbacAuthorization"):
        allowed = any(role.allows_data(action) for role, _ in grants(call.world, call.caller, vault.id))
    else:
        policies = [one for one in vault.properties["accessPolicies"] if one["objectId"] == call.caller.object_id]
        given = {str(one).lower() for policy in policies for one in policy["permissions"].get("secrets", ())}
        allowed = bool(given & {word, "all"})
    if not allowed:
        message = f"Caller is not authorized to perform action on resource.\r\nAction: '{action}'"
        raise AzureError(403, "Forbidden", message, gateway=True)
    return vault
