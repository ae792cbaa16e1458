"""Private DNS zones, their A records and their links to virtual networks."""

from typing import TYPE_CHECKING, Final

from aiohttp import web

from local_azure.arm.authorization import authorize_linked
from local_azure.arm.operation_forms import PRIVATE_DNS
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.network.addresses import missing_reference
from local_azure.network.versioning import etag
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request, conflict
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

ZONE = "Microsoft.Network/privateDnsZones"
RECORD = f"{ZONE}/A"
OTHERS: Final = {
    "AAAA": "aaaaRecords", "MX": "mxRecords", "PTR": "ptrRecords", "SRV": "srvRecords", "TXT": "txtRecords",
    "CNAME": "", "SOA": "",
}  # fmt: skip
AUTHORITY: Final = {
    "email": "azureprivatedns-host.microsoft.com", "host": "azureprivatedns.net", "serialNumber": 1,
    "expireTime": 2419200, "minimumTtl": 10, "refreshTime": 3600, "retryTime": 300,
}  # fmt: skip
RESOLUTION_SINCE: Final = "2024-06"  # the api-versions whose links have a resolution policy
LINK = f"{ZONE}/virtualNetworkLinks"
JOIN = "Microsoft.Network/virtualNetworks/join/action"  # private-link/rbac-permissions, "Virtual network link"
PATH = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{zone}"


def prepare_zone(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a zone; zones are global."""
    del world, principal, existing
    if str(body.get("location", "")).lower() != "global":
        message = "The location property of a private DNS zone must be 'global'."
        raise bad_request("LocationNotAvailableForResourceType", message)
    properties = {
        "provisioningState": "Succeeded",
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
    }
    return Resource(resource_id, {"location": "global", **_given_tags(body), "properties": properties})


def _given_tags(body: Body) -> Body:
    return {} if body.get("tags") is None else {"tags": body["tags"]}


async def add_authority(world: "World", zone: Resource) -> None:
    """Give the zone its start of authority."""
    record = f"{zone.id}/SOA/@"
    if world.resources.get(record) is None:
        world.add(record, {"properties": {"ttl": 3600, **_names(record), "soaRecord": dict(AUTHORITY)}})


def show_zone(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the zone with its counts; every zone has a start of authority."""
    del api_version
    links = world.resources.children(resource.id, LINK)
    counts = {
        "numberOfRecordSets": len(_records(world, resource)),
        "numberOfVirtualNetworkLinks": len(links),
        "numberOfVirtualNetworkLinksWithRegistration": sum(
            bool(one.properties.get("registrationEnabled")) for one in links
        ),
    }
    return _versioned(resource) | {"properties": resource.properties | counts}


def show(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a record with its version."""
    del api_version, world
    return _versioned(resource)


def show_link(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a link with its version, and with what the api-version knows."""
    del world
    unknown = () if api_version >= RESOLUTION_SINCE else ("resolutionPolicy",)
    properties = {name: one for name, one in resource.properties.items() if name not in unknown}
    return _versioned(resource) | {"properties": properties}


def _versioned(resource: Resource) -> Body:
    return resource.view() | {"etag": etag(resource)}


def prepare_record(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check an A record set."""
    del world, principal, existing
    given = {key.lower(): value for key, value in (body.get("properties") or {}).items()}
    records = given.get("arecords") or []
    if any("ipv4Address" not in one for one in records):
        raise bad_request("BadRequest", "Each A record must have an 'ipv4Address'.")
    return record_set(
        resource_id, [one["ipv4Address"] for one in records], given.get("ttl", 3600), given.get("metadata")
    )


def record_set(resource_id: str, addresses: list[str], ttl: int, metadata: object = None) -> Resource:
    """Return an A record set with its full name."""
    properties = {
        "ttl": ttl,
        **_names(resource_id),
        "aRecords": [{"ipv4Address": address} for address in addresses],
        **({"metadata": metadata} if metadata else {}),
    }
    return Resource(resource_id, {"properties": properties})


def _names(record_id: str) -> Body:
    zone, name = record_id.split("/")[-3], record_id.rpartition("/")[2]
    return {"fqdn": f"{zone}." if name == "@" else f"{name}.{zone}.", "isAutoRegistered": False}


def prepare_other(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return a record set of another type as it was sent."""
    del world, principal, existing
    records = OTHERS[resource_id.split("/")[-2].upper()]
    empty: Body = {records: []} if records else {}
    properties = {"ttl": 3600} | empty | (body.get("properties") or {}) | _names(resource_id)
    return Resource(resource_id, {"properties": properties})


def _records(world: "World", zone: Resource) -> list[Resource]:
    """Return the record sets of a zone, which always has a start of authority."""
    return [one for kind in ("A", *OTHERS) for one in world.resources.children(zone.id, f"{ZONE}/{kind}")]


def prepare_link(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a link from a zone to an existing network, by an identity that may join it."""
    del existing
    given = dict(body.get("properties") or {})
    network = (given.get("virtualNetwork") or {}).get("id", "")
    if world.resources.get(network) is None:
        raise missing_reference(network, resource_id)
    authorize_linked(world, principal, f"{LINK}/write", resource_id, (JOIN, network))
    given.setdefault("registrationEnabled", False)
    given.setdefault("resolutionPolicy", "Default")
    given |= {"provisioningState": "Succeeded", "virtualNetworkLinkState": "Completed"}
    return Resource(resource_id, {"location": "global", **_given_tags(body), "properties": given})


@ROUTES.route("GET", f"{PATH}/ALL")
@ROUTES.route("GET", f"{PATH}/recordsets")
async def all_records(call: Call) -> web.StreamResponse:
    """List every record set of a zone."""
    zone = call.world.resources.require(call.path.rpartition("/")[0])
    return answer({"value": [_versioned(one) for one in _records(call.world, zone)]})


def check_unlinked(world: "World", zone: Resource) -> None:
    """Raise AzureError if a network is linked to the zone."""
    if world.resources.children(zone.id, LINK):
        raise conflict("CannotDeleteResource", "Can not delete resource before nested resources are deleted.")


TYPES: Final = (
    ResourceType(
        ZONE,
        prepare=prepare_zone,
        view=show_zone,
        after_put=add_authority,
        check_delete=check_unlinked,
        create_seconds=20,
        update_seconds=5,
        delete_seconds=20,
        forms=PRIVATE_DNS,
        tells_etag=("GET", "PUT", "PATCH"),
        conditional="Zone",
        refuses_later=True,
    ),
    *(
        ResourceType(
            f"{ZONE}/{kind}",
            prepare=prepare_record if kind == "A" else prepare_other,
            view=show,
            tells_etag=("GET", "PUT", "PATCH"),
            conditional="Record set",
        )
        for kind in ("A", *OTHERS)
    ),
    ResourceType(
        LINK,
        prepare=prepare_link,
        view=show_link,
        create_seconds=30,
        update_seconds=5,
        delete_seconds=20,
        forms=PRIVATE_DNS,
        tells_etag=("GET", "PUT", "PATCH"),
        conditional="Virtual Network link",
        refuses_later=True,
    ),
)
