"""The network of the source as it is, and of the target as it will be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

from pydantic import Field

from acr_relocate.core.dependencies.lookups import zone_ids
from acr_relocate.core.dependencies.networks import subnet_of
from acr_relocate.core.dependencies.raw_surroundings import Json, Surroundings, properties, readable_items
from acr_relocate.core.evidence.azure_facts import Subnet
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.design import subnet_ids

WORKING: Final = frozenset({"completed", "succeeded"})

Recorded = Literal["yes", "missing", "another address", "unknown"]


class Address(FrozenModel):
    """One address of a private endpoint. `recorded`: whether a readable DNS zone has the same address."""

    member: str
    host: str
    address: str
    recorded: Recorded = "unknown"


class PrivateEndpoint(FrozenModel):
    """A private endpoint. `static`: its addresses were chosen by a person, which prevents new replicas."""

    id: str
    name: str
    location: str
    subnet: str
    addresses: tuple[Address, ...] = ()
    static: bool = False
    zones: tuple[str, ...] = ()


class Zone(FrozenModel):
    """A private DNS zone: record name -> addresses, and the virtual networks that resolve names with it.

    `unfinished`: networks, in lower case, whose link does not work (yet), with its state in Azure.
    """

    id: str
    records: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    networks: tuple[str, ...] = ()
    unfinished: dict[str, str] = Field(default_factory=dict)


class SubnetRoom(FrozenModel):
    """The room in a subnet. `capacity` and `used` count addresses without the five that Azure reserves."""

    id: str
    prefixes: tuple[str, ...] = ()
    capacity: int | None = None
    used: int | None = None
    endpoint_policies: str = "Disabled"
    delegations: tuple[str, ...] = ()

    @property
    def free(self) -> int | None:
        """Return the number of free addresses, or None if Azure does not show it."""
        return None if self.capacity is None or self.used is None else max(self.capacity - self.used, 0)


class RegistryNetwork(FrozenModel):
    """The access to one registry. `subnets` None: unreadable, which is not the same as none."""

    name: str
    location: str
    sku: str
    public_access: bool = True
    default_action: str = "Allow"
    ip_rules: tuple[str, ...] = ()
    subnets: tuple[str, ...] | None = ()
    trusted_services: bool = True
    trusted_tasks: bool = False
    data_endpoints: tuple[str, ...] = ()
    endpoints: tuple[PrivateEndpoint, ...] = ()


class Prerequisite(FrozenModel):
    """A requirement on the target's network. `remedy` can be pasted.

    `later`: it can be met only after the target is created.
    """

    what: str
    state: Literal["met", "missing", "later", "unknown"]
    detail: str = ""
    remedy: str = ""
    resource: str = ""


class NetworkLayout(FrozenModel):
    """Both sides, the zones between them, and the requirements on the target's network."""

    source: RegistryNetwork
    target: RegistryNetwork
    zones: tuple[Zone, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()


class TargetNetwork(FrozenModel):
    """Facts about the subnets that the request names for the target, by their ids. None: does not exist."""

    subnets: dict[str, Subnet | Unknown | None] = Field(default_factory=dict)
    rooms: dict[str, SubnetRoom | Unknown | None] = Field(default_factory=dict)


def side(registry: Registry, endpoints: tuple[PrivateEndpoint, ...] = (), *, host: str = "") -> RegistryNetwork:
    """Return the access to the registry. `host` is its login server before Azure has given it one."""
    own = registry.properties
    rules = own.get("networkRuleSet") or {}
    return RegistryNetwork(
        name=registry.name,
        location=normalise_location(registry.location),
        sku=registry.sku,
        public_access=says(own.get("publicNetworkAccess", "Enabled"), "Enabled"),
        default_action=str(rules.get("defaultAction") or "Allow"),
        ip_rules=tuple(str(rule.get("value")) for rule in rules.get("ipRules") or ()),
        subnets=None if "preview properties" in registry.unread else tuple(subnet_ids(registry)),
        trusted_services=own.get("networkRuleBypassOptions", "AzureServices") == "AzureServices",
        trusted_tasks=bool(own.get("networkRuleBypassAllowedForTasks")),
        data_endpoints=data_endpoints(registry, host or registry.login_server),
        endpoints=endpoints,
    )


def data_endpoints(registry: Registry, host: str) -> tuple[str, ...]:
    """Return the dedicated data endpoints: one for each region of the registry, or none if they are not enabled."""
    named = registry.properties.get("dataEndpointHostNames")
    if named:
        return tuple(named)
    if not registry.properties.get("dataEndpointEnabled"):
        return ()
    label, _, suffix = host.partition(".")
    return tuple(f"{label}.{region}.data.{suffix}" for region in regions(registry))


def regions(registry: Registry) -> tuple[str, ...]:
    """Return the registry's regions, its home first."""
    replicas = (normalise_location(child.location or child.name) for child in registry.children_of("replications"))
    return tuple(dict.fromkeys([normalise_location(registry.location), *replicas]))


def zones(found: Surroundings) -> tuple[Zone, ...]:
    """Return the private DNS zones with their records and linked networks."""
    return tuple(map(_zone, readable_items(found.zones)))


def _zone(zone: Json) -> Zone:
    links = [_link(link) for link in zone.get("virtualNetworkLinks") or ()]
    return Zone(
        id=zone["id"],
        records={record["name"].lower(): _addresses(record) for record in zone.get("A") or ()},
        networks=tuple(network for network, state in links if not state),
        unfinished={network.lower(): state for network, state in links if state},
    )


def _link(link: Json) -> tuple[str, str]:
    """Return the linked network, and the link's state in Azure if it does not work (yet)."""
    own = properties(link)
    network = str((own.get("virtualNetwork") or {}).get("id") or "")
    states = (own.get("provisioningState"), own.get("virtualNetworkLinkState"))
    return network, next((str(one) for one in states if one and str(one).lower() not in WORKING), "")


def endpoints(found: Surroundings) -> tuple[PrivateEndpoint, ...]:
    """Return the private endpoints with their addresses, and whether DNS has each of those."""
    read = zones(found)
    return tuple(_endpoint(entry, read) for entry in readable_items(found.endpoints))


def _endpoint(entry: Json, read: Iterable[Zone]) -> PrivateEndpoint:
    named = zone_ids([entry])
    own = [zone for zone in read if zone.id.lower() in {one.lower() for one in named}]
    configurations = [
        properties(configuration)
        for interface in entry.get("interfaces") or ()
        for configuration in properties(interface).get("ipConfigurations") or ()
    ]
    return PrivateEndpoint(
        id=entry["id"],
        name=entry["name"],
        location=normalise_location(str(entry.get("location") or "")),
        subnet=subnet_of(entry),
        addresses=tuple(address for one in configurations for address in _members(one, own)),
        static=bool(properties(entry).get("ipConfigurations")),
        zones=named,
    )


def _members(configuration: dict[str, Any], own: list[Zone]) -> Iterator[Address]:
    link = configuration.get("privateLinkConnectionProperties") or {}
    address = str(configuration.get("privateIPAddress") or "")
    for host in link.get("fqdns") or ():
        yield Address(
            member=str(link.get("requiredMemberName") or ""),
            host=str(host),
            address=address,
            recorded=_recorded(str(host), address, own),
        )


def _recorded(host: str, address: str, own: list[Zone]) -> Recorded:
    """Return whether a zone has a record for the host: without a data endpoint's, sign-in works but no layer pull."""
    for zone in own:
        suffix = "." + ResourceId(zone.id).name.removeprefix("privatelink.")
        held = zone.records.get(host.lower().removesuffix(suffix))
        if held is not None:
            return "yes" if address in held else "another address"
    return "missing" if own else "unknown"


def _addresses(record: Json) -> tuple[str, ...]:
    listed = properties(record).get("aRecords") or ()
    return tuple(str(one.get("ipv4Address")) for one in listed)
