"""Connected registries: on-premises replicas, which the embedded Azure only keeps on its books."""

from typing import Final

from aiohttp import web

from local_azure.arm.resource_types import Body
from local_azure.registry_types.common import check_name, compose, need_premium, registry_of, registry_type
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.store import Resource
from local_azure.state.world import World
from local_azure.wire.routing import Call

CONTINUOUS: Final = "* * * * *"  # a schedule without windows
MODES: Final = ("ReadWrite", "ReadOnly", "Registry", "Mirror")
LOGGING: Final = {"logLevel": "Information", "auditLogStatus": "Disabled"}


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a connected registry with its sync token; nothing is behind it, so it stays offline."""
    del principal
    check_name(
        resource_id, "[a-zA-Z0-9]{5,50}", "Connected registry names must contain only 5 to 50 alphanumeric characters."
    )
    registry = registry_of(world, resource_id)
    need_premium(registry, "A connected registry")
    state: Body = {
        "connectionState": "Offline",
        "activation": {"status": "Inactive"},
        "loginServer": {"tls": {"certificate": {}}},
        "garbageCollection": {"enabled": True, "schedule": "0 0 * * *"},
    }
    made = compose(resource_id, body, existing, state)
    parent = made.properties.get("parent") or {}
    # An update names the parent's syncProperties without the parent (ConnectedRegistryUpdate of the specification).
    if change := made.properties.pop("syncProperties", None):
        parent["syncProperties"] = (parent.get("syncProperties") or {}) | change
        if change.get("schedule") == CONTINUOUS and "syncWindow" not in change:
            parent["syncProperties"].pop("syncWindow", None)
    token = (parent.get("syncProperties") or {}).get("tokenId")
    if not token or world.resources.get(token) is None:
        raise bad_request("InvalidSyncToken", f"The sync token '{token}' of the connected registry was not found.")
    if existing and (existing.properties.get("parent") or {}).get("id") != parent.get("id"):
        raise bad_request(
            "ConnectedRegistryParentCannotBeChanged", "The parent of a connected registry cannot be changed."
        )
    if not parent.get("id"):  # one beneath another connected registry asks that
        server = registry.properties["loginServer"]
        parent["syncProperties"]["gatewayEndpoint"] = (
            f"{server.partition('.')[0]}.{registry.location}.data.{server.partition('.')[2]}"
        )
    mode = str(made.properties.get("mode"))
    made.properties["mode"] = next((one for one in MODES if one.lower() == mode.lower()), mode)
    made.properties["logging"] = dict(LOGGING) | (made.properties.get("logging") or {})
    return made


async def deactivate(call: Call, connected: Resource) -> web.Response:
    """Deactivate the connected registry."""
    del call
    connected.properties["activation"] = {"status": "Inactive"}
    return web.Response(status=200)


async def resync(call: Call, connected: Resource) -> web.Response:
    """Accept the request to synchronise; nothing happens."""
    del call, connected
    return web.Response(status=200)


TYPES: Final = (
    registry_type(
        "registries/connectedRegistries",
        prepare=prepare,
        created_status=200,
        actions={"deactivate": deactivate, "resync": resync},
    ),
)
