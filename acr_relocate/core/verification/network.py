"""Verify the target's network: endpoints approved, DNS records with the interfaces' real addresses, zones linked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.lookups import zone_ids
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.network.layout import PrivateEndpoint, Zone, data_endpoints, endpoints, zones
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.children.private_endpoints import addresses_of
from acr_relocate.core.verification.differences import Difference, difference, unread_difference

CONNECTIONS: Final = "privateEndpointConnections"
_PARTS: Final = {"endpoints": "private endpoints", "zones": "private DNS zones"}


def compare_network(target: Registry, around_source: Surroundings, around: Surroundings) -> tuple[Difference, ...]:
    """Return the obstacles between clients of the target's private endpoints and the target's names.

    `around` is the target's surroundings in Azure. Endpoints without a zone are resolved by other means, which Azure
    does not show; a zone is expected to be linked to the endpoint's own network if the source's zones are.
    """
    unknown = [unread_difference(f"the {what} of {target.name}", reason) for reason, what in _unknown(around)]
    read = zones(around)
    linked = _are_linked(around_source)
    return (
        *unknown,
        *(found for child in target.children_of("privateEndpointConnections") for found in _approval(child, target)),
        *_cut_off(target, around),
        *_lost_zones(target, around, read),
        *(found for endpoint in endpoints(around) for found in _endpoint(endpoint, target, read, linked=linked)),
        *_records(endpoints(around), read),
        *_stale_records(target, endpoints(around), read),
    )


def compare_addresses(wanted: Registry, around: Surroundings) -> tuple[Difference, ...]:
    """Return the static addresses of the target's private endpoints that their interfaces lack.

    `wanted` is the target's design, `around` the existing target's surroundings in Azure.
    """
    real = {one.name: {held.member: held.address for held in one.addresses} for one in endpoints(around)}
    return tuple(
        _other_address(child, member, address, real[child.name].get(member, ""))
        for child in wanted.children_of("privateEndpoints")
        for member, address in addresses_of(child).items()
        if child.name in real and real[child.name].get(member) != address
    )


def _other_address(endpoint: Child, member: str, want: str, have: str) -> Difference:
    return difference(
        "network",
        f"{endpoint.name}: {member}",
        f"the private endpoint {endpoint.name} has {have or 'no address'} for {member}; the request sets {want}",
        sides=(want, have),
        cause="The endpoint is older than this request, or was recreated manually.",
        remedy="Delete the private endpoint, then `acr-relocate run`: it is recreated with these addresses.",
    )


def _are_linked(around: Surroundings) -> bool:
    """Return whether the zones of the endpoints are linked to their networks; true without zones."""
    read = zones(around)
    pairs = [
        (ResourceId(endpoint.subnet).ancestor("virtualNetworks").lower(), {one.lower() for one in zone.networks})
        for endpoint in endpoints(around)
        for zone in read
        if zone.id.lower() in {one.lower() for one in endpoint.zones}
    ]
    return all(network in networks for network, networks in pairs)


def _unknown(around: Surroundings) -> Iterator[tuple[str, str]]:
    for name, what in _PARTS.items():
        part = getattr(around, name)
        if isinstance(part, Unknown):
            yield part.reason, what
    yield from ((row.reason, f"{_PARTS[row.part]} ({row.name})") for row in around.odd if row.part in _PARTS)


def _approval(connection: Child, target: Registry) -> Iterator[Difference]:
    state = connection.properties.get("privateLinkServiceConnectionState") or {}
    status = str(state.get("status") or "unknown")
    if status.lower() != "approved":
        endpoint = ResourceId(
            str((connection.properties.get("privateEndpoint") or {}).get("id") or connection.name)
        ).name
        yield difference(
            "network",
            f"{endpoint}: approval",
            f"the connection of the private endpoint {endpoint} is {status.lower()}, not approved",
            sides=("Approved", status),
            cause="The owner of the registry has not approved it, or has rejected it since.",
            remedy=f"az network private-endpoint-connection approve --name {connection.name} --type "
            f"Microsoft.ContainerRegistry/registries --resource-name {target.name} "
            f"--resource-group {target.resource_group}",
        )


def _cut_off(target: Registry, around: Surroundings) -> Iterator[Difference]:
    """Yield each private endpoint that the registry no longer knows."""
    connections = (child.properties.get("privateEndpoint") or {} for child in target.children_of(CONNECTIONS))
    connected = {str(one.get("id")).lower() for one in connections}
    for entry in readable_items(around.endpoints) if CONNECTIONS not in target.unread else ():
        if str(entry["id"]).lower() not in connected:
            name = ResourceId(str(entry["id"])).name
            yield difference(
                "network",
                f"{name}: connection",
                f"the private endpoint {name} has no connection to {target.name} any more",
                sides=("Approved", ""),
                cause="The owner of the registry has removed it.",
                remedy="Delete and recreate the private endpoint, or run `acr-relocate run`, which recreates it.",
            )


def _lost_zones(target: Registry, around: Surroundings, read: tuple[Zone, ...]) -> Iterator[Difference]:
    """Yield each missing private DNS zone that a zone group names."""
    named = (
        {}
        if isinstance(around.zones, Unknown)
        else {one.lower(): one for one in zone_ids(readable_items(around.endpoints))}
    )
    for zone in sorted(named.keys() - {one.id.lower() for one in read}):
        yield difference(
            "network",
            f"{ResourceId(named[zone]).name}: zone",
            f"the zone {ResourceId(named[zone]).name} is gone, so {target.login_server} cannot be resolved there",
            sides=("there", ""),
            cause="The private DNS zone was deleted, or the zone group names one that was never created.",
        )


def _endpoint(
    endpoint: PrivateEndpoint, target: Registry, read: tuple[Zone, ...], *, linked: bool
) -> Iterator[Difference]:
    hosts = {address.host.lower() for address in endpoint.addresses}
    for host in (target.login_server, *data_endpoints(target, target.login_server)):
        if host.lower() not in hosts:
            yield difference(
                "network",
                f"{endpoint.name}: {host}",
                f"the private endpoint {endpoint.name} has no address for {host}",
                cause="The replica or the data endpoint is newer than the private endpoint.",
                remedy="Delete and recreate the private endpoint: it then has an address for each name.",
            )
    own = [zone for zone in read if zone.id.lower() in {one.lower() for one in endpoint.zones}]
    network = ResourceId(endpoint.subnet).ancestor("virtualNetworks")
    for zone in own if linked else ():
        if network.lower() not in {one.lower() for one in zone.networks}:
            yield _unlinked(zone, endpoint, network)


def _unlinked(zone: Zone, endpoint: PrivateEndpoint, network: str) -> Difference:
    """Return that the endpoint's network cannot resolve names with the zone: its link is missing or not working."""
    subject, name = f"{ResourceId(zone.id).name}: link", ResourceId(network).name
    if state := zone.unfinished.get(network.lower()):
        return difference(
            "network",
            subject,
            f"the link of {ResourceId(zone.id).name} to {name}, where {endpoint.name} is, is {state}",
            sides=("Completed", state),
            cause="Azure is still creating the link, or could not create it.",
            remedy=f"Wait a minute; if it stays so, recreate the link to {name} in {ResourceId(zone.id).name}.",
        )
    return difference(
        "network",
        subject,
        f"{ResourceId(zone.id).name} is not linked to {name}, where {endpoint.name} is",
        sides=("linked", ""),
        cause="The zone is shared, and not linked to the target's network.",
        remedy=f"az network private-dns link vnet create --zone-name {ResourceId(zone.id).name} --virtual-network "
        f"{network} --registration-enabled false --name {name} --resource-group {ResourceId(zone.id).group}",
    )


def _records(found: tuple[PrivateEndpoint, ...], read: tuple[Zone, ...]) -> Iterator[Difference]:
    """Yield each name whose records are not exactly the addresses of the endpoints that use the zone."""
    for zone in read:
        users = [one for one in found if zone.id.lower() in {name.lower() for name in one.zones}]
        suffix = "." + ResourceId(zone.id).name.removeprefix("privatelink.")
        expected: dict[str, set[str]] = {}
        for address in (address for user in users for address in user.addresses):
            expected.setdefault(address.host.lower().removesuffix(suffix), set()).add(address.address)
        for name, addresses in sorted(expected.items()):
            recorded = set(zone.records.get(name, ()))
            if recorded != addresses:
                yield _record(f"{name}{suffix}", addresses, recorded, zone)


def _stale_records(
    target: Registry, found: tuple[PrivateEndpoint, ...], read: tuple[Zone, ...]
) -> Iterator[Difference]:
    """Yield each name of the target in a zone of its endpoints for which no endpoint has an address.

    A record is not stale if an unreadable interface may hold its address.
    """
    label, _, domain = target.login_server.lower().partition(".")
    if not all(one.addresses for one in found):
        return
    real = {address.host.lower() for one in found for address in one.addresses}
    real |= {host.lower() for host in data_endpoints(target, target.login_server)}
    own = {name.lower() for one in found for name in one.zones}
    for zone in read:
        for name, addresses in sorted(zone.records.items()) if zone.id.lower() in own else ():
            host, have = f"{name.lower()}.{domain}", ", ".join(sorted(addresses))
            if host.startswith(f"{label}.") and host not in real:
                yield difference(
                    "network",
                    host,
                    f"{host} is {have} in {ResourceId(zone.id).name}; no private endpoint has that name",
                    sides=("", have),
                    cause="A replica was removed, or the record was written manually, and it was left behind.",
                    remedy=f"Delete the A record {host} in {ResourceId(zone.id).name}.",
                )


def _record(host: str, addresses: set[str], recorded: set[str], zone: Zone) -> Difference:
    want, have = ", ".join(sorted(addresses)), ", ".join(sorted(recorded))
    return difference(
        "network",
        host,
        f"{host} is {have or 'not recorded'} in {ResourceId(zone.id).name}; the interface has {want}",
        sides=(want, have),
        cause="The record was written manually, or the zone group of the endpoint is missing.",
        remedy=f"Make the A record {host} in {ResourceId(zone.id).name} name {want}, or add a zone group.",
    )
