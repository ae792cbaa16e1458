"""Geo-replicas. The one in the registry's own region is implicit: always there, never deleted alone."""

from typing import Final

from local_azure.arm.resource_types import Body
from local_azure.network.zone_groups import follow_regions
from local_azure.registry_types import schema
from local_azure.registry_types.common import (
    check_name,
    compose,
    need_premium,
    registry_of,
    registry_type,
    show_child,
    with_author,
)
from local_azure.registry_types.registries import REPLICATED, replica
from local_azure.registry_types.rules import status_of
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request, conflict
from local_azure.state.store import Resource
from local_azure.state.world import World

DOCUMENTED_AT_ONCE_SINCE: Final = "2025"


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a replica of the registry in another region."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9]{5,50}", "Replication names must contain only 5 to 50 alphanumeric characters.")
    registry = registry_of(world, resource_id)
    need_premium(registry, "Geo-replication")
    if status_of(registry.properties, "softDeletePolicy") == "enabled":
        raise bad_request("SoftDeletePolicyConflict", "Geo-replication cannot be combined with the soft delete policy.")
    made = compose(resource_id, body, existing, replica(world, registry))
    made.body.setdefault("tags", {})
    _refuse_second(world, registry, made)
    return made


def _refuse_second(world: World, registry: Resource, made: Resource) -> None:
    for other in world.resources.children(registry.id, made.type):
        if other.location == made.location and other.id.lower() != made.id.lower():
            message = f"A replication already exists in location '{made.location}': '{other.name}'."
            raise conflict("ReplicationAlreadyExistsInLocation", message)


def refuse_home(world: World, replication: Resource) -> None:
    """Raise AzureError 400 for the replica in the registry's own region."""
    registry = registry_of(world, replication.id)
    if replication.location == registry.location:
        message = f"The home replication '{replication.name}' of registry '{registry.name}' cannot be deleted."
        raise bad_request("HomeReplicationCannotBeDeleted", message)


async def reach(world: World, replication: Resource) -> None:
    """Extend the registry's private endpoints to the new region; if one cannot, there is no replica either."""
    registry_of(world, replication.id).hidden[REPLICATED] = True
    try:
        await follow_regions(world, replication.parent)
    except AzureError:
        world.resources.delete(replication.id)
        raise


def beside_another(world: World, replicas: list[Resource]) -> list[Resource]:
    """Return the replicas that a list shows: that of the home region only beside another one."""
    away = [one for one in replicas if one.location != registry_of(world, one.id).location]
    return replicas if away else []


def view(resource: Resource, api_version: str, world: World) -> Body:
    """Return a replica; while it is being created it has no status."""
    properties = schema.shown("registries/replications", api_version.lower(), resource.properties)
    if properties.get("provisioningState") == "Creating":
        properties["status"] = {"timestamp": properties["status"]["timestamp"]}
    elif world.faults.take("replica-syncs", region=resource.location):
        properties["status"] = {**properties["status"], "displayStatus": "Syncing"}
    return with_author(show_child(world, resource, properties), api_version)


def at_once(world: World, method: str, api_version: str, replication: Resource) -> bool:
    """Return whether a PATCH takes no time: it is recorded as a 201, and documented as a 200 since."""
    del world, replication
    return method == "PATCH" and api_version >= DOCUMENTED_AT_ONCE_SINCE


TYPES: Final = (
    registry_type(
        "registries/replications",
        prepare=prepare,
        view=view,
        at_once=at_once,
        after_put=reach,
        check_delete=refuse_home,
        listed=beside_another,
        create_seconds=6,
        update_seconds=3,
        delete_seconds=3,
        tracked=True,
    ),
)
