"""The requirements on the target's network before a registry there is usable, and whether they are met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies.context import az
from acr_relocate.core.dependencies.raw_surroundings import Surroundings
from acr_relocate.core.evidence.azure_facts import Subnet
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.network.layout import (
    NetworkLayout,
    Prerequisite,
    PrivateEndpoint,
    SubnetRoom,
    TargetNetwork,
    Zone,
    endpoints,
    regions,
    side,
    zones,
)
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import design

SERVICE: Final = "Microsoft.ContainerRegistry"


def build_network_layout(
    source: Registry, request: RelocationRequest, found: Surroundings, network: TargetNetwork
) -> NetworkLayout:
    """Return the network of both sides and the requirements on the target's."""
    target = design(source, request).with_subnets
    here = endpoints(found)
    # Only the name is known before the registry is created; its host may get a hash.
    host = f"{target.name}.{source.login_server.partition('.')[2]}"
    return NetworkLayout(
        source=side(source, here),
        target=side(target, host=host),
        zones=zones(found),
        prerequisites=(
            *_rules(request, source, network),
            *_endpoints(request, here, target, network),
            *_dns(request, here, zones(found)),
            *_records(here, target, host),
        ),
    )


def _rules(request: RelocationRequest, source: Registry, network: TargetNetwork) -> Iterator[Prerequisite]:
    """Yield the subnets for the network rules: existing, and with a working service endpoint.

    The article wants this guarantee from `ignoreMissingVnetServiceEndpoint`, which no registry api-version has.
    """
    for rule in side(source).subnets or ():
        there = _mapped(request, rule)
        if not there:
            yield _not_mapped(f"subnet in place of {_short(rule)}", rule, request)
            continue
        found = network.subnets.get(there, Unknown(reason="not asked"))
        yield _exists(there, found, request)
        if isinstance(found, Subnet):
            yield _service_endpoint(found)


def _endpoints(
    request: RelocationRequest, here: tuple[PrivateEndpoint, ...], target: Registry, network: TargetNetwork
) -> Iterator[Prerequisite]:
    """Yield the subnets for private endpoints: existing, in the target's region, with an address for every name."""
    need = 1 + len(regions(target))
    for subnet in dict.fromkeys(endpoint.subnet for endpoint in here):
        there = _mapped(request, subnet)
        count = sum(endpoint.subnet == subnet for endpoint in here)
        if not there:
            yield _not_mapped(f"subnet for private endpoints in place of {_short(subnet)}", subnet, request)
            continue
        yield _exists(there, network.subnets.get(there, Unknown(reason="not asked")), request)
        room = network.rooms.get(there, Unknown(reason="not asked"))
        if isinstance(room, SubnetRoom):
            yield _enough_addresses(room, need * count)
            yield _policies(room)


def _exists(subnet_id: str, found: Subnet | Unknown | None, request: RelocationRequest) -> Prerequisite:
    what, location = f"subnet {_short(subnet_id)} exists in {request.target.location}", request.target.location
    if isinstance(found, Unknown):
        return Prerequisite(what=what, state="unknown", detail=found.reason, resource=subnet_id)
    if found is None:
        network = ResourceId(subnet_id).ancestor("virtualNetworks")
        made = az(
            "network vnet subnet create",
            resource_group=ResourceId(subnet_id).group,
            vnet_name=ResourceId(network).name,
            name=ResourceId(subnet_id).name,
            address_prefixes="PREFIX",
            service_endpoints=SERVICE,
        )
        return Prerequisite(what=what, state="missing", detail="does not exist", remedy=made, resource=subnet_id)
    if normalise_location(found.location) not in {location, ""}:
        detail, remedy = f"is in {found.location}", f"Name a subnet in {location}."
        return Prerequisite(what=what, state="missing", detail=detail, remedy=remedy, resource=subnet_id)
    return Prerequisite(what=what, state="met", resource=subnet_id)


def _service_endpoint(subnet: Subnet) -> Prerequisite:
    what = f"service endpoint {SERVICE} of {_short(subnet.id)}"
    state = subnet.service_endpoints.get(SERVICE, "not there")
    if says(state, "Succeeded"):
        return Prerequisite(what=what, state="met", detail=state, resource=subnet.id)
    listed = " ".join(sorted({*subnet.service_endpoints, SERVICE}))
    remedy = f"az network vnet subnet update --ids {subnet.id} --service-endpoints {listed}"
    return Prerequisite(what=what, state="missing", detail=state, remedy=remedy, resource=subnet.id)


def _enough_addresses(room: SubnetRoom, need: int) -> Prerequisite:
    what = f"{need} free addresses in {_short(room.id)}"
    if room.free is None:
        return Prerequisite(what=what, state="unknown", detail="Azure does not say how many are used", resource=room.id)
    state, detail = ("met" if room.free >= need else "missing"), f"{room.free} of {room.capacity} are free"
    remedy = "" if state == "met" else "Name a larger subnet: Azure advises a /27 or, better, a /24."
    return Prerequisite(
        what=what, state="met" if state == "met" else "missing", detail=detail, remedy=remedy, resource=room.id
    )


def _policies(room: SubnetRoom) -> Prerequisite:
    what = f"{_short(room.id)} takes private endpoints"
    if room.delegations:
        detail = f"it is delegated to {', '.join(room.delegations)}"
        remedy = "Name a subnet without delegations."
        return Prerequisite(what=what, state="missing", detail=detail, remedy=remedy, resource=room.id)
    policies = room.endpoint_policies
    detail = (
        "no network policies apply to private endpoints there"
        if says(policies, "Disabled")
        else f"network policies apply to private endpoints there ({policies}): allow clients to port 443"
    )
    return Prerequisite(what=what, state="met", detail=detail, resource=room.id)


def _dns(
    request: RelocationRequest, here: tuple[PrivateEndpoint, ...], read: tuple[Zone, ...]
) -> Iterator[Prerequisite]:
    """Yield the DNS zone of the private endpoints, and its link to the network of the target's clients."""
    if here and not read:
        remedy = az(
            "network private-dns zone create",
            resource_group=request.target.resource_group,
            name="privatelink.azurecr.io",
        )
        detail = "the source's private endpoints name none that could be read"
        yield Prerequisite(
            what="private DNS zone privatelink.azurecr.io", state="missing", detail=detail, remedy=remedy
        )
    mapped = filter(None, (_mapped(request, endpoint.subnet) for endpoint in here))
    networks = dict.fromkeys(ResourceId(subnet).ancestor("virtualNetworks") for subnet in mapped)
    for zone in read:
        yield Prerequisite(what=f"private DNS zone {ResourceId(zone.id).name}", state="met", resource=zone.id)
        for network in networks:
            yield _link(zone, network)


def _link(zone: Zone, network: str) -> Prerequisite:
    what = f"link from {ResourceId(zone.id).name} to {ResourceId(network).name}"
    if network.lower() in {one.lower() for one in zone.networks}:
        return Prerequisite(what=what, state="met", resource=zone.id)
    remedy = az(
        "network private-dns link vnet create",
        resource_group=ResourceId(zone.id).group,
        zone_name=ResourceId(zone.id).name,
        name=ResourceId(network).name,
        virtual_network=network,
        registration_enabled="false",
    )
    return Prerequisite(what=what, state="missing", detail="not there", remedy=remedy, resource=zone.id)


def _records(here: tuple[PrivateEndpoint, ...], target: Registry, host: str) -> Iterator[Prerequisite]:
    """Yield the DNS records for the target's private endpoints: one for it, one for each region's data endpoint."""
    if not here:
        return
    label = host.partition(".")[0]
    names = [label, *(f"{label}.{region}.data" for region in regions(target))]
    yield Prerequisite(
        what=f"DNS records {', '.join(names)}",
        state="later",
        detail="Azure writes them when the new private endpoint has a DNS zone group; otherwise create them manually",
    )


def _not_mapped(what: str, subnet: str, request: RelocationRequest) -> Prerequisite:
    remedy = f"# In the request:\nsubnets:\n  {subnet}: RESOURCE-ID-OF-A-SUBNET-IN-{request.target.location.upper()}"
    return Prerequisite(what=what, state="missing", detail="the request names none", remedy=remedy, resource=subnet)


def _mapped(request: RelocationRequest, subnet: str) -> str:
    return next((there for here, there in request.subnets.items() if here.lower() == subnet.lower()), "")


def _short(subnet_id: str) -> str:
    """Return `network/subnet` from a subnet's id."""
    return f"{ResourceId(subnet_id).subnet_name}"
