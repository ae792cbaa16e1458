"""Secrets of key vaults, over the vaults' own API.

Source: Key Vault REST API 7.4 (Set, Get, List, Delete, Recover and Purge Secret), recorded exchanges (secret.*). Every
vault keeps what is deleted for 90 days.
"""

import base64
import json
import uuid
from typing import Any, Final

from aiohttp import web

from local_azure.arm.vault_access import GET, SECRETS, VAULT_SERVICE_VERSION, Right, may_use, vault_at
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

DELETED: Final = "deletedsecrets"  # the same of what is deleted
PAGE: Final = 25
RETENTION_DAYS: Final = 90
RECOVERABLE: Final = {"recoveryLevel": "Recoverable+Purgeable", "recoverableDays": RETENTION_DAYS}

SET: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/setSecret/action", "set")
LIST: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "list")
DELETE: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/delete", "delete")
RECOVER: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/recover/action", "recover")
PURGE: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/purge/action", "purge")
Version = dict[str, Any]


@ROUTES.route("PUT", "/secrets/{name}")
async def set_secret(call: Call) -> web.Response:
    """Store a new version of the secret with this value."""
    vault = _vault(call, SET)
    body = await call.json()
    if not body.get("value"):
        raise _error(400, "BadParameter", "Property  value is required")
    if call.params.name.lower() in vault.hidden.get(DELETED, {}):
        message = f"Secret {call.params.name} is currently in a deleted but recoverable state, and its name cannot be "
        message += "reused; in this state, the secret can only be recovered or purged."
        raise _error(409, "Conflict", message, "ObjectIsDeletedButRecoverable")
    stamp = int(call.world.clock.now())
    version = {
        "value": str(body["value"]),
        "id": f"https://{call.host}/secrets/{call.params.name}/{uuid.uuid4().hex}",
        "attributes": {"enabled": True, "created": stamp, "updated": stamp, **RECOVERABLE},
        **{name: body[name] for name in ("contentType", "tags") if body.get(name)},
    }
    vault.hidden.setdefault(SECRETS, {}).setdefault(call.params.name.lower(), []).append(version)
    return answer(version)


@ROUTES.route("PATCH", "/secrets/{name}")
@ROUTES.route("PATCH", "/secrets/{name}/{version}")
async def update_secret(call: Call) -> web.Response:
    """Change the attributes, the type and the tags of the newest version, or of one; never a value."""
    versions, body = _versions(_vault(call, SET), call), await call.json()
    asked = call.params.version if "version" in call.params else ""
    found = next((one for one in reversed(versions) if asked in ("", one["id"].rpartition("/")[2])), None)
    if found is None:
        raise _not_found(f"{call.params.name}/{asked}")
    found["attributes"] |= (body.get("attributes") or {}) | {"updated": int(call.world.clock.now())}
    found.update({name: body[name] for name in ("contentType", "tags") if name in body})
    return answer(_unvalued(found))


@ROUTES.route("GET", "/secrets/{name}")
async def get_secret(call: Call) -> web.Response:
    """Answer with the newest version, with its value."""
    return answer(_versions(_vault(call, GET), call)[-1])


@ROUTES.route("GET", "/secrets/{name}/{version}")
async def get_version(call: Call) -> web.Response:
    """Answer with one version, with its value."""
    for one in _versions(_vault(call, GET), call):
        if one["id"].rpartition("/")[2] == call.params.version:
            return answer(one)
    raise _not_found(f"{call.params.name}/{call.params.version}")


@ROUTES.route("GET", "/secrets")
async def list_secrets(call: Call) -> web.Response:
    """List the newest version of every secret, without its value and without its version."""
    held = _vault(call, LIST).hidden.get(SECRETS, {})
    shown = [_unvalued(held[name][-1]) | {"id": _unversioned(held[name][-1])} for name in sorted(held)]
    return _page(call, shown)


@ROUTES.route("GET", "/secrets/{name}/versions")
async def list_versions(call: Call) -> web.Response:
    """List all versions, without their values; an empty list for a missing secret."""
    versions = _vault(call, LIST).hidden.get(SECRETS, {}).get(call.params.name.lower(), [])
    return _page(call, [_unvalued(one) for one in versions])


@ROUTES.route("DELETE", "/secrets/{name}")
async def delete_secret(call: Call) -> web.Response:
    """Delete the secret; it is kept, and its name is taken until it is recovered or purged."""
    vault, name = _vault(call, DELETE), call.params.name.lower()
    versions = _versions(vault, call)
    del vault.hidden[SECRETS][name]
    deleted = int(call.world.clock.now())
    vault.hidden.setdefault(DELETED, {})[name] = [one | {"deletedDate": deleted} for one in versions]
    return answer(_deleted_view(call, name, vault.hidden[DELETED][name]))


@ROUTES.route("GET", "/deletedsecrets/{name}")
async def get_deleted(call: Call) -> web.Response:
    """Answer with a deleted secret and its dates, without its value."""
    return answer(_deleted_view(call, call.params.name.lower(), _deleted(_vault(call, GET), call)))


@ROUTES.route("GET", "/deletedsecrets")
async def list_deleted(call: Call) -> web.Response:
    """List the deleted secrets, without their values."""
    held = _vault(call, LIST).hidden.get(DELETED, {})
    return _page(call, [_deleted_view(call, name, held[name]) for name in sorted(held)])


@ROUTES.route("DELETE", "/deletedsecrets/{name}")
async def purge_secret(call: Call) -> web.Response:
    """Purge the deleted secret for good."""
    vault = _vault(call, PURGE)
    _deleted(vault, call)
    del vault.hidden[DELETED][call.params.name.lower()]
    return web.Response(status=204)


@ROUTES.route("POST", "/deletedsecrets/{name}/recover")
async def recover_secret(call: Call) -> web.Response:
    """Recover the secret with all its versions."""
    vault, name = _vault(call, RECOVER), call.params.name.lower()
    if name in vault.hidden.get(SECRETS, {}):
        message = f"Secret exists already: {call.params.name}"
        raise _error(400, "MethodNotAllowed", message, "RequestNotAllowedOnNonDeletedObject")
    versions = _deleted(vault, call)
    del vault.hidden[DELETED][name]
    back = [{key: value for key, value in one.items() if key != "deletedDate"} for one in versions]
    vault.hidden.setdefault(SECRETS, {})[name] = back
    return answer(_unvalued(back[-1]))


def _unvalued(version: Version) -> Version:
    return {key: value for key, value in version.items() if key not in ("value", "deletedDate")}


def _unversioned(version: Version) -> str:
    return str(version["id"]).rpartition("/")[0]


def _deleted_view(call: Call, name: str, versions: list[Version]) -> Version:
    deleted = int(versions[-1].get("deletedDate") or 0)
    dates = {"deletedDate": deleted, "scheduledPurgeDate": deleted + RETENTION_DAYS * 86_400}
    return {"recoveryId": f"https://{call.host}/deletedsecrets/{name}", **dates, **_unvalued(versions[-1])}


def _page(call: Call, items: list[Version]) -> web.Response:
    """Return one page; the address of the next has an explicit port, as Key Vault writes it."""
    asked = call.query.get("maxresults", "")
    size = min(int(asked), PAGE) if asked.isdigit() and int(asked) > 0 else PAGE
    start = _offset(call.query.get("$skiptoken", ""))
    more = start + size < len(items)
    token = base64.urlsafe_b64encode(json.dumps(start + size).encode()).decode().rstrip("=")
    here = f"https://{call.host}:443{call.path}?api-version={call.api_version}"
    link = f"{here}&$skiptoken={token}&maxresults={size}" if more else None
    return answer({"value": items[start : start + size], "nextLink": link})


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (ValueError, TypeError) as error:
        raise _error(400, "BadParameter", "The skip token is not valid.") from error


def _versions(vault: Resource, call: Call) -> list[Version]:
    found: list[Version] = vault.hidden.get(SECRETS, {}).get(call.params.name.lower(), [])
    if not found:
        raise _not_found(call.params.name)
    return found


def _not_found(name: str) -> AzureError:
    message = f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret "
    message += "you may be able to recover it using the correct recovery command. For help resolving this issue, "
    return _error(404, "SecretNotFound", message + "please see https://go.microsoft.com/fwlink/?linkid=2125182")


def _deleted(vault: Resource, call: Call) -> list[Version]:
    found: list[Version] = vault.hidden.get(DELETED, {}).get(call.params.name.lower(), [])
    if not found:
        raise _error(404, "SecretNotFound", f"Deleted Secret not found: {call.params.name}")
    return found


def _error(status: int, code: str, message: str, inner: str = "") -> AzureError:
    return AzureError(status, code, message, inner={"code": inner} if inner else None, plain=True)


def _vault(call: Call, right: Right) -> Resource:
    """Return the vault, if the caller has that right to its secrets."""
    vault = vault_at(call.world, call.host)
    if vault is None:
        raise _error(404, "VaultNotFound", f"There is no key vault {call.host}.")
    address = call.world.settings.client_address
    call.headers |= {
        "x-ms-keyvault-region": vault.location,
        "x-ms-keyvault-network-info": f"conn_type=Ipv4;addr={address};act_addr_fam=InterNetwork;",
        "x-ms-keyvault-service-version": VAULT_SERVICE_VERSION,
    }
    if not may_use(call.world, call.caller, vault, right):
        raise _refused(call, vault, right)
    return vault


def _refused(call: Call, vault: Resource, right: Right) -> AzureError:
    who = f"appid={call.caller.client_id};oid={call.caller.object_id}"
    if vault.properties.get("enableRbacAuthorization"):
        message = "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or "
        message += "role definitions were changed recently, please observe propagation time.\r\n"
        message += f"Caller: {who}\r\nAction: '{right[0]}'\r\nResource: '{vault.id.lower()}'\r\nVault: {vault.name}"
        return _error(403, "Forbidden", message, "ForbiddenByRbac")
    message = f"The user, group or application '{who}' does not have secrets {right[1]} permission on key vault "
    message += f"'{vault.name};location={vault.location}'. For help resolving this issue, please see "
    return _error(403, "Forbidden", message + "https://go.microsoft.com/fwlink/?linkid=2125287", "AccessDenied")
