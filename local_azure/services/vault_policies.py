"""Access policies of key vaults, added and removed without touching the others.

Source: Microsoft.KeyVault 2023-07-01, Vaults - Update Access Policy (operation kinds add, replace, remove).
"""

from typing import Any, Final

from aiohttp import web

from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

POLICIES: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}/accessPolicies"
)


@ROUTES.route("PUT", f"{POLICIES}/add")
async def add_policies(call: Call) -> web.Response:
    """Add these permissions to those of the principals."""
    return await _changed(call, lambda had, given: had | given)


@ROUTES.route("PUT", f"{POLICIES}/remove")
async def remove_policies(call: Call) -> web.Response:
    """Remove these permissions from the principals; without any left, they have no policy."""
    return await _changed(call, lambda had, given: had - given)


async def _changed(call: Call, change: Any) -> web.Response:
    vault = call.world.resources.require(call.path.rpartition("/accessPolicies/")[0])
    if vault.properties.get("enableRbacAuthorization"):
        message = "Cannot update access policies: the vault uses Azure role-based access control."
        raise AzureError(400, "BadRequest", message)
    held = {one["objectId"]: one for one in vault.properties.get("accessPolicies") or ()}
    for wanted in (await call.json())["properties"]["accessPolicies"]:
        own = held.setdefault(wanted["objectId"], {**wanted, "permissions": {}})
        for what, words in wanted["permissions"].items():
            own["permissions"][what] = sorted(change(set(own["permissions"].get(what, ())), set(words)))
    vault.properties["accessPolicies"] = [one for one in held.values() if any(one["permissions"].values())]
    return answer({"id": f"{vault.id}/accessPolicies/", "properties": {"accessPolicies": list(held.values())}})
