"""Private endpoint connections: the registry's side of a private endpoint, which comes and goes with it."""

from typing import Final

from local_azure.arm.resource_types import Body
from local_azure.arm.system_data import system_data
from local_azure.registry_types.common import compose, need_premium, registry_of, registry_type
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.store import Resource
from local_azure.state.world import World

APPROVED = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a connection, approved or rejected; a new one needs an existing private endpoint."""
    del principal
    need_premium(registry_of(world, resource_id), "A private endpoint")
    before = existing.properties if existing else {}
    made = compose(resource_id, body, existing, {"privateLinkServiceConnectionState": dict(APPROVED)} | before)
    endpoint = (made.properties.get("privateEndpoint") or {}).get("id")
    if not endpoint or world.resources.get(endpoint) is None:
        message = (
            f"The private endpoint '{endpoint}' of the connection was not found. Create the private endpoint instead."
        )
        raise bad_request("PrivateEndpointNotFound", message)
    made.hidden["before"] = before.get("privateLinkServiceConnectionState")
    return made


def view(resource: Resource, api_version: str, world: World) -> Body:
    """Return a connection, without its author, as the registry shows it."""
    del api_version, world
    before = resource.hidden.get("before")
    if before is None or resource.properties["provisioningState"] == "Succeeded":
        return resource.view()
    return resource.view() | {"properties": resource.properties | {"privateLinkServiceConnectionState": before}}


def answered(resource: Resource, api_version: str, world: World) -> Body:
    """Return what a change is answered with: its author, and the state before it."""
    return view(resource, api_version, world) | {"systemData": system_data(world, resource)}


TYPES: Final = (
    registry_type(
        "registries/privateEndpointConnections",
        prepare=prepare,
        view=view,
        answered=answered,
        update_seconds=1,
        delete_seconds=1,
    ),
)
