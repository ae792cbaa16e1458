"""Network interfaces, of private endpoints and of their own."""

from typing import TYPE_CHECKING, Final

from local_azure.arm.resource_types import Body, ResourceType
from local_azure.network.addresses import NIC, free_addresses, missing_reference
from local_azure.network.versioning import WIRE, show_versioned
from local_azure.state.directory import Principal
from local_azure.state.store import Resource, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World


def prepare_interface(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check an interface, with its given addresses."""
    del principal, existing
    properties = {"ipConfigurations": [], **(body.get("properties") or {}), "provisioningState": "Succeeded"}
    for configuration in properties["ipConfigurations"]:
        own = configuration["properties"]
        subnet = world.resources.get(own["subnet"]["id"])
        if subnet is None:
            raise missing_reference(own["subnet"]["id"], resource_id)
        configuration["id"] = f"{resource_id}/ipConfigurations/{configuration['name']}"
        own["privateIPAddress"] = own.get("privateIPAddress") or free_addresses(world, subnet, 1)[0]
    kept = {key: value for key, value in body.items() if key in ("location", "tags")}
    return Resource(parse_id(resource_id).text, kept | {"properties": properties})


TYPES: Final = (
    ResourceType(
        NIC, prepare=prepare_interface, view=show_versioned, create_seconds=4, delete_seconds=10, tracked=True, **WIRE
    ),
)
