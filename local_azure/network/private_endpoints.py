"""Private endpoints: an interface with one address per member of the private-link resource, and a connection there.

The members of a registry are `registry` and one `registry_data_<region>` for each of its regions.
"""

from typing import TYPE_CHECKING, Any, Final

from local_azure.arm.authorization import authorize_linked
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.network.addresses import NIC, check_fixed, free_addresses, missing_reference
from local_azure.network.versioning import WIRE, guid_of, refusal, show_address, weak_etag
from local_azure.state.directory import Principal
from local_azure.state.store import Resource, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE_GROUP = f"{ENDPOINT}/privateDnsZoneGroups"
REGISTRY = "Microsoft.ContainerRegistry/registries"
REPLICATION = f"{REGISTRY}/replications"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
AWAITING = "Awaiting Approval"  # what a connection says that waits without a message of its own; the registry: nothing
STATIC_SINCE = "2021-05"  # the api-versions that know static addresses and names of interfaces
COMPUTED = ("networkInterfaces", "customDnsConfigs", "provisioningState")


def prepare_endpoint(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check an endpoint in a subnet of its own region with room for its addresses, for an existing resource."""
    properties = {key: value for key, value in (body.get("properties") or {}).items() if key not in COMPUTED}
    endpoint = Resource(
        resource_id, {key: body[key] for key in ("location", "tags", "extendedLocation") if key in body}
    )
    endpoint.body["properties"] = properties
    subnet = _subnet(world, endpoint)
    authorize_linked(world, principal, f"{ENDPOINT}/write", resource_id, (JOIN, subnet.id))
    for connection in connections(endpoint):
        _check_connection(world, endpoint, connection)
    for connection in endpoint.properties.get("privateLinkServiceConnections") or []:
        # private-link/manage-private-endpoint: approved at once for an identity that may approve
        approving = f"{REGISTRY}/privateEndpointConnectionsApproval/action"
        linked = connection["properties"]["privateLinkServiceId"]
        if linked.lower().rpartition("/")[0].endswith(REGISTRY.lower()):
            authorize_linked(world, principal, f"{ENDPOINT}/write", resource_id, (approving, linked))
    count = sum(len(members(world, connection)) for connection in connections(endpoint))
    if existing is None:
        free_addresses(world, subnet, count)
    _check_fixed(world, endpoint, subnet, existing)
    properties["provisioningState"] = "Succeeded"
    properties["subnet"] = {"id": subnet.id}
    for kind in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        properties.setdefault(kind, [])
    properties.setdefault("customNetworkInterfaceName", "")
    properties.setdefault("ipConfigurations", [])
    known = existing.properties.get("networkInterfaces") if existing else None
    properties["networkInterfaces"] = known or [{"id": _new_interface_id(world, endpoint)}]
    return endpoint


def _subnet(world: "World", endpoint: Resource) -> Resource:
    subnet_id = (endpoint.properties.get("subnet") or {}).get("id", "")
    subnet = world.resources.get(subnet_id)
    network = world.resources.get(subnet.parent) if subnet else None
    if subnet is None or network is None or network.location != endpoint.location:
        raise missing_reference(subnet_id, endpoint.id)
    return subnet


def _check_fixed(world: "World", endpoint: Resource, subnet: Resource, existing: Resource | None) -> None:
    """Raise AzureError if a static address is not available, or for an unknown member."""
    own = set(names_and_addresses(world, existing).values()) if existing else set()
    known = {name for one in connections(endpoint) for name in members(world, one)}
    for configuration in endpoint.properties.get("ipConfigurations") or []:
        chosen = configuration["properties"]
        if chosen.get("memberName") not in known:
            message = f"The member {chosen.get('memberName')} is not valid for the private endpoint {endpoint.id}."
            raise refusal("InvalidPrivateLinkServiceMemberName", message)
        check_fixed(world, subnet, chosen["privateIPAddress"], own)


def connections(endpoint: Resource) -> list[dict[str, Any]]:
    """Return the endpoint's connections, those that need an approval too."""
    properties = endpoint.properties
    automatic = properties.get("privateLinkServiceConnections") or []
    return [*automatic, *(properties.get("manualPrivateLinkServiceConnections") or [])]


def _check_connection(world: "World", endpoint: Resource, connection: dict[str, Any]) -> None:
    target_id = connection["properties"].get("privateLinkServiceId", "")
    target = world.resources.get(target_id)
    if target is None:
        raise missing_reference(target_id, endpoint.id)
    if target.type.lower() != REGISTRY.lower():
        return
    groups = connection["properties"].get("groupIds") or []
    if groups != ["registry"]:
        message = f"The group ids {groups} are not valid for {target_id}: it has the group id 'registry'."
        raise refusal("InvalidPrivateLinkServiceGroupId", message)
    if str((target.body.get("sku") or {}).get("name", "")).lower() != "premium":
        message = f"Private endpoints are not supported for the registry {target.name}: its SKU is not Premium."
        raise refusal("PrivateEndpointNotSupportedBySku", message)


def members(world: "World", connection: dict[str, Any]) -> dict[str, str]:
    """Return member name and host name of every address that a connection needs."""
    target = world.resources.require(connection["properties"]["privateLinkServiceId"])
    groups = connection["properties"].get("groupIds") or ["default"]
    if target.type.lower() != REGISTRY.lower():
        return {groups[0]: f"{target.name.lower()}.{groups[0]}"}
    login_server = str(target.properties.get("loginServer") or f"{target.name.lower()}.azurecr.io")
    label, _, suffix = login_server.partition(".")
    regions = sorted({target.location, *(one.location for one in world.resources.children(target.id, REPLICATION))})
    return {"registry": login_server} | {f"registry_data_{one}": f"{label}.{one}.data.{suffix}" for one in regions}


async def connect(world: "World", endpoint: Resource) -> None:
    """Create the endpoint's interface with all addresses, and register its connections at the other end."""
    allocate(world, endpoint)
    manual = endpoint.properties["manualPrivateLinkServiceConnections"]
    for connection in connections(endpoint):
        _add_connection(world, endpoint, connection, approved=connection not in manual)
        target = world.resources.require(connection["properties"]["privateLinkServiceId"])
        if target.type.lower() == REGISTRY.lower():
            # Azure gives a registry with a private endpoint its own data endpoints.
            target.properties["dataEndpointEnabled"] = True


def allocate(world: "World", endpoint: Resource) -> None:
    """Assign one address per member; members that have one keep it. Raises AzureError SubnetIsFull."""
    nic = world.resources.get(interface_id(endpoint))
    old = {_member(one): one for one in nic.properties["ipConfigurations"]} if nic else {}
    given = endpoint.properties.get("ipConfigurations") or ()
    static = {one["properties"]["memberName"]: one["properties"] for one in given}
    wanted = {name: (host, one) for one in connections(endpoint) for name, host in members(world, one).items()}
    dynamic = [name for name in wanted if name not in old and name not in static]
    reserved = [one["privateIPAddress"] for one in static.values()]
    subnet = world.resources.require(endpoint.properties["subnet"]["id"])
    fresh = dict(zip(dynamic, free_addresses(world, subnet, len(dynamic), reserved), strict=True))
    configurations = []
    for name, (host, connection) in wanted.items():
        address = static[name]["privateIPAddress"] if name in static else fresh.get(name)
        group = (connection["properties"].get("groupIds") or ["default"])[0]
        configurations.append(
            old.get(name) or _configuration(world, endpoint, name, group, host, str(address), name in static)
        )
    body = {
        "ipConfigurations": configurations,
        "privateEndpoint": {"id": endpoint.id},
        "provisioningState": "Succeeded",
    }
    world.add(interface_id(endpoint), {"location": endpoint.location, "properties": body})


def _member(configuration: dict[str, Any]) -> str:
    return str(configuration["properties"]["privateLinkConnectionProperties"]["requiredMemberName"])


def _configuration(
    world: "World",
    endpoint: Resource,
    member: str,
    group: str,
    host: str,
    address: str,
    static: bool,  # noqa: FBT001
) -> dict[str, Any]:
    name = f"privateEndpointIpConfig.{world.guid()}"
    return {
        "name": name,
        "id": f"{interface_id(endpoint)}/ipConfigurations/{name}",
        "type": f"{NIC}/ipConfigurations",
        "properties": {
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Static" if static else "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": member == "registry",
            "subnet": {"id": endpoint.properties["subnet"]["id"]},
            "provisioningState": "Succeeded",
            "privateLinkConnectionProperties": {"groupId": group, "requiredMemberName": member, "fqdns": [host]},
        },
    }


def interface_id(endpoint: Resource) -> str:
    """Return the id of the endpoint's network interface."""
    return str(endpoint.properties["networkInterfaces"][0]["id"])


def _new_interface_id(world: "World", endpoint: Resource) -> str:
    base = endpoint.id.rpartition("/providers/")[0]
    name = endpoint.properties.get("customNetworkInterfaceName") or f"{endpoint.name}.nic.{world.guid()}"
    return f"{base}/providers/{NIC}/{name}"


def other_end(world: "World", endpoint: Resource, connection: dict[str, Any]) -> Resource | None:
    """Return the connection as the private-link resource knows it; None if it was removed there."""
    for child in world.resources.children(connection["properties"]["privateLinkServiceId"]):
        known = (child.properties.get("privateEndpoint") or {}).get("id", "")
        if child.type.lower().endswith("/privateendpointconnections") and known.lower() == endpoint.id.lower():
            return child
    return None


def _add_connection(world: "World", endpoint: Resource, connection: dict[str, Any], *, approved: bool) -> None:
    if other_end(world, endpoint, connection) is not None:
        return
    state = _first_state(connection, approved=approved)
    kept = {key: value for key, value in state.items() if key != "actionsRequired" and value != AWAITING}
    properties = {"privateEndpoint": {"id": endpoint.id}, "privateLinkServiceConnectionState": kept}
    registry = parse_id(connection["properties"]["privateLinkServiceId"]).name
    name = f"{registry}.{world.guid().replace('-', '')}"
    resource_id = f"{connection['properties']['privateLinkServiceId']}/privateEndpointConnections/{name}"
    world.add(resource_id, {"properties": properties | {"provisioningState": "Succeeded"}})


def _first_state(connection: dict[str, Any], *, approved: bool) -> dict[str, str]:
    asked = str(connection["properties"].get("requestMessage") or "")
    status, description = ("Approved", "Auto-Approved") if approved else ("Pending", asked or AWAITING)
    return {"status": status, "description": description, "actionsRequired": "None"}


def show_endpoint(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the endpoint with its interface, and with names and addresses unless a zone group has them."""
    named = [{"fqdn": host, "ipAddresses": [ip]} for host, ip in names_and_addresses(world, resource).items()]
    grouped = bool(world.resources.children(resource.id, ZONE_GROUP))
    approved = all(_state(world, resource, one) == "Approved" for one in connections(resource))
    computed: Body = {"customDnsConfigs": [] if grouped or not approved else named}
    for kind in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        computed[kind] = [_shown(world, resource, kind, one) for one in resource.properties.get(kind) or []]
    given = resource.properties.get("ipConfigurations") or ()
    computed["ipConfigurations"] = [show_address(resource, one) for one in given]
    shown = resource.properties | computed | {"resourceGuid": guid_of(resource)}
    newer = () if api_version >= STATIC_SINCE else ("customNetworkInterfaceName", "ipConfigurations")
    known = {name: one for name, one in shown.items() if name not in newer}
    return resource.view() | {"etag": weak_etag(resource), "properties": known}


def _state(world: "World", endpoint: Resource, connection: dict[str, Any]) -> str:
    there = other_end(world, endpoint, connection)
    return str(there.properties["privateLinkServiceConnectionState"]["status"]) if there else "Disconnected"


def names_and_addresses(world: "World", endpoint: Resource) -> dict[str, str]:
    """Return host name and address of every member."""
    nic = world.resources.get(interface_id(endpoint))
    properties = [one["properties"] for one in nic.properties["ipConfigurations"]] if nic else []
    return {one["privateLinkConnectionProperties"]["fqdns"][0]: one["privateIPAddress"] for one in properties}


def _shown(world: "World", endpoint: Resource, kind: str, connection: dict[str, Any]) -> Body:
    there = other_end(world, endpoint, connection)
    if there is not None:
        state = {"description": AWAITING, "actionsRequired": "None"} | there.properties[
            "privateLinkServiceConnectionState"
        ]
    elif endpoint.properties["provisioningState"] == "Updating":
        state = _first_state(connection, approved=not kind.startswith("manual"))
    else:
        state = {"status": "Disconnected", "description": "The connection was removed.", "actionsRequired": "None"}
    properties = connection["properties"] | {
        "privateLinkServiceConnectionState": state,
        "provisioningState": "Succeeded",
    }
    return {
        "name": connection["name"],
        "id": f"{endpoint.id}/{kind}/{connection['name']}",
        "etag": weak_etag(endpoint),
        "type": f"{ENDPOINT}/{kind}",
        "properties": properties,
    }


async def disconnect(world: "World", endpoint: Resource) -> None:
    """Remove the interface and the connections at the other end."""
    world.resources.delete(interface_id(endpoint))
    for connection in connections(endpoint):
        there = other_end(world, endpoint, connection)
        if there is not None:
            world.resources.delete(there.id)


TYPES: Final = (
    ResourceType(
        ENDPOINT,
        prepare=prepare_endpoint,
        view=show_endpoint,
        after_put=connect,
        before_delete=disconnect,
        create_seconds=20,
        update_seconds=10,
        delete_seconds=20,
        tracked=True,
        **WIRE,
    ),
)
