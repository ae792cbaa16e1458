"""Private DNS zone groups: they keep the A records of a private endpoint in its zones."""

from typing import TYPE_CHECKING, Any, Final

from local_azure.arm.authorization import authorize_linked
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.network.addresses import missing_reference
from local_azure.network.dns import record_set
from local_azure.network.private_endpoints import (
    ENDPOINT,
    ZONE_GROUP,
    allocate,
    connections,
    members,
    names_and_addresses,
)
from local_azure.network.versioning import WIRE, refusal, weak_etag
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

TTL = 10
JOIN = "Microsoft.Network/privateDnsZones/join/action"  # private-link/rbac-permissions, "Private DNS zone"


def prepare_group(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a group of existing zones."""
    del existing
    configs = (body.get("properties") or {}).get("privateDnsZoneConfigs") or []
    if not configs:
        raise refusal("PrivateDnsZoneConfigsMissing", f"The zone group {resource_id} has no private DNS zone.")
    for config in configs:
        zone = config["properties"].get("privateDnsZoneId", "")
        if world.resources.get(zone) is None:
            raise missing_reference(zone, resource_id)
        authorize_linked(world, principal, f"{ZONE_GROUP}/write", resource_id, (JOIN, zone))
    kept = [
        {"name": one["name"], "properties": {"privateDnsZoneId": one["properties"]["privateDnsZoneId"]}}
        for one in configs
    ]
    return Resource(resource_id, {"properties": {"privateDnsZoneConfigs": kept, "provisioningState": "Succeeded"}})


async def write_records(world: "World", group: Resource) -> None:
    """Write an A record for every name of the endpoint in its zone."""
    for zone in zones(group):
        for name, address in _records(world, group, zone).items():
            world.resources.put(
                record_set(f"{zone}/A/{name}", [address], TTL, {"creator": "created by private endpoint"})
            )


async def remove_records(world: "World", group: Resource) -> None:
    """Remove the records with the group, even if the endpoint's interface went before it."""
    known = {f"{zone}/A/{name}" for zone in zones(group) for name in _records(world, group, zone)}
    for record in known | set(group.hidden.get("records", [])):
        world.resources.delete(record)


def zones(group: Resource) -> list[str]:
    """Return the ids of the group's zones."""
    return [one["properties"]["privateDnsZoneId"] for one in group.properties["privateDnsZoneConfigs"]]


def _records(world: "World", group: Resource, zone_id: str) -> dict[str, str]:
    """Record name and address: `contoso.westeurope.data` in `privatelink.azurecr.io` for the host of that name."""
    endpoint = world.resources.get(group.parent)
    suffix = "." + zone_id.rpartition("/")[2].removeprefix("privatelink.")
    found = names_and_addresses(world, endpoint) if endpoint else {}
    return {host.removesuffix(suffix): address for host, address in found.items() if host.endswith(suffix)}


def show_group(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the group with the records that it keeps."""
    del api_version
    configs = [_shown(world, resource, one) for one in resource.properties["privateDnsZoneConfigs"]]
    view = resource.view() | {"etag": weak_etag(resource)}
    return view | {"properties": resource.properties | {"privateDnsZoneConfigs": configs}}


def _shown(world: "World", group: Resource, config: dict[str, Any]) -> Body:
    zone = config["properties"]["privateDnsZoneId"]
    records = [
        {
            "recordType": "A",
            "recordSetName": name,
            "fqdn": f"{name}.{zone.rpartition('/')[2]}",
            "ttl": TTL,
            "provisioningState": "Succeeded",
            "ipAddresses": [address],
        }
        for name, address in _records(world, group, zone).items()
    ]
    state = group.properties.get("provisioningState", "Succeeded")
    return config | {
        "id": f"{group.id}/privateDnsZoneConfigs/{config['name']}",
        "etag": weak_etag(group),
        "type": f"{ZONE_GROUP}/privateDnsZoneConfigs",
        "properties": config["properties"] | {"recordSets": records, "provisioningState": state},
    }


async def follow_regions(world: "World", registry_id: str) -> None:
    """Give every private endpoint of a registry an address for each of its present regions.

    Raises AzureError if one cannot follow: its addresses are static, or its subnet is full. One that has all its
    addresses, as when a replica is deployed again, has nothing to follow.
    """
    for endpoint in world.resources.select(ENDPOINT):
        targets = {one["properties"]["privateLinkServiceId"].lower() for one in connections(endpoint)}
        if registry_id.lower() not in targets or _has_all_addresses(world, endpoint):
            continue
        if endpoint.properties.get("ipConfigurations"):
            raise _static(endpoint)
        allocate(world, endpoint)
        for group in world.resources.children(endpoint.id, ZONE_GROUP):
            await write_records(world, group)


def _has_all_addresses(world: "World", endpoint: Resource) -> bool:
    hosts = {host for one in connections(endpoint) for host in members(world, one).values()}
    return hosts <= names_and_addresses(world, endpoint).keys()


def _static(endpoint: Resource) -> AzureError:
    return refusal(
        "FailedToReplicatePrivateEndpoint",
        f"Failed to replicate private endpoint. Private Endpoint {endpoint.id} contains static ipconfigurations. "
        "Please remove them before the registry is replicated.",
    )


TYPES: Final = (
    ResourceType(
        ZONE_GROUP,
        prepare=prepare_group,
        view=show_group,
        after_put=write_records,
        before_delete=remove_records,
        create_seconds=5,
        update_seconds=5,
        delete_seconds=5,
        **WIRE,
    ),
)
