"""The networks as tables: both sides beside each other, the addresses, and the target's prerequisites."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.documents.document import Cell, Code, Section, Table, section
from acr_relocate.core.network.layout import NetworkLayout, RegistryNetwork
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.wording import comment


def network_section(network: NetworkLayout | None) -> tuple[Section, ...]:
    """Return the sections about the networks, or nothing if they were not read."""
    if network is None:
        return ()
    remedies = [one for one in network.prerequisites if one.state == "missing" and one.remedy]
    pasted = "\n\n".join(f"{comment(f'{one.what}: {one.detail}')}\n{one.remedy}" for one in remedies)
    return (
        *section("Network", _sides(network), _addresses(network.source), _zones(network)),
        *section(
            "Prerequisites in the target's network",
            Table(
                ("", "what", "found"),
                tuple((one.state, one.what, one.detail or "there") for one in network.prerequisites),
            ),
            Code(pasted, title="What to do about the missing") if pasted else None,
        ),
    )


def _sides(network: NetworkLayout) -> Table:
    source, target = network.source, network.target
    header = ("", f"source: {source.name}", f"target to be: {target.name}")
    rows = zip(ROWS, _described(source), _described(target), strict=True)
    return Table(header, tuple(rows))


ROWS = (
    "region",
    "public access",
    "default action",
    "allowed IP ranges",
    "allowed subnets",
    "trusted services",
    "tasks of this registry",
    "data endpoints",
    "private endpoints",
)


def _described(side: RegistryNetwork) -> tuple[str, ...]:
    return (
        side.location,
        "enabled" if side.public_access else "disabled",
        "Allow" if says(side.default_action, "Allow") else "Deny",
        _listed(side.ip_rules),
        _subnets(side),
        "Allow" if side.trusted_services else "Deny",
        "Allow" if side.trusted_tasks else "Deny",
        _listed(tuple(host.split(".")[1] for host in side.data_endpoints)),
        str(len(side.endpoints)) if side.endpoints else "none",
    )


def _listed(values: tuple[str, ...]) -> str:
    return "\n".join(values) or "none"


def _subnets(side: RegistryNetwork) -> str:
    if side.subnets is None:
        return "could not be read"
    return _listed(tuple(f"{ResourceId(one).subnet_name}" for one in side.subnets))


def _addresses(source: RegistryNetwork) -> Table:
    """Return the addresses of the private endpoints, and whether DNS has the same."""
    rows: Iterator[tuple[str | Cell, ...]] = (
        (Cell(address.host, endpoint.name), address.address, address.recorded)
        for endpoint in source.endpoints
        for address in endpoint.addresses
    )
    return Table(("name", "address", "in DNS"), tuple(rows))


def _zones(network: NetworkLayout) -> Table:
    rows = (
        (
            ResourceId(zone.id).name,
            _listed(tuple(ResourceId(one).name for one in zone.networks)),
            f"{len(zone.records)}",
        )
        for zone in network.zones
    )
    return Table(("private DNS zone", "linked networks", "records"), tuple(rows))
