"""Destinations that client firewalls must allow for the target, and those of the source that they may close.

Source: container-registry-firewall-access-rules (login server and data endpoints over 443; without dedicated data
endpoints layers come from `*.blob.core.windows.net`), container-registry-service-tag, container-registry-private-
endpoints (addresses of an interface).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.context import az
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.network.layout import data_endpoints, endpoints, regions
from acr_relocate.core.registry.inventory import Registry

Purpose = Literal["login server", "data endpoint", "regional endpoint", "layers", "service tag"]
Dialect = Literal["azure-firewall", "nsg", "proxy"]

# Hosts of layers without dedicated data endpoints, by the suffix of the cloud's registries.
BLOBS: Final[Mapping[str, str]] = {
    "azurecr.io": "*.blob.core.windows.net",
    "azurecr.cn": "*.blob.core.chinacloudapi.cn",
    "azurecr.us": "*.blob.core.usgovcloudapi.net",
}


class Opening(FrozenModel):
    """One destination, over port 443. `addresses`: private ones to which its name must resolve."""

    destination: str
    purpose: Purpose
    addresses: tuple[str, ...] = ()


class FirewallLists(FrozenModel):
    """The destinations to allow now, and those to close once the source is unused.

    `predicted`: the target does not exist yet, so its names may get a hash and its addresses are unknown.
    `not_known`: unreadable parts with the reason, so that addresses may be missing.
    """

    target: str
    now: tuple[Opening, ...]
    later: tuple[Opening, ...]
    predicted: bool = False
    not_known: tuple[str, ...] = ()


class RegistryEndpoints(FrozenModel):
    """A registry with its surroundings; `host` is its login server, also before Azure has created it."""

    registry: Registry
    around: Surroundings
    host: str


def lists(source: RegistryEndpoints, target: RegistryEndpoints, *, predicted: bool = False) -> FirewallLists:
    """Return both lists."""
    now = tuple(_openings(target))
    needed = {opening.destination.lower() for opening in now}
    return FirewallLists(
        target=target.registry.name,
        now=now,
        later=tuple(opening for opening in _openings(source) if opening.destination.lower() not in needed),
        predicted=predicted,
        not_known=tuple(
            f"private endpoints of {side.registry.name}: {side.around.endpoints.reason}"
            for side in (source, target)
            if isinstance(side.around.endpoints, Unknown)
        ),
    )


def _openings(side: RegistryEndpoints) -> Iterator[Opening]:
    registry, host = side.registry, side.host
    private: dict[str, list[str]] = {}
    for address in (address for endpoint in endpoints(side.around) for address in endpoint.addresses):
        private.setdefault(address.host.lower(), []).append(address.address)
    data = data_endpoints(registry, host)
    regional = tuple(str(name) for name in registry.properties.get("regionalEndpointHostNames") or ())
    public: dict[str, Purpose] = {host: "login server"}
    public.update((name, "data endpoint") for name in data)
    public.update((name, "regional endpoint") for name in regional)
    for name, purpose in (public | _only_private(private, public)).items():
        yield Opening(destination=name, purpose=purpose, addresses=tuple(sorted(private.get(name.lower(), ()))))
    if not data:
        yield Opening(destination=BLOBS.get(host.partition(".")[2], BLOBS["azurecr.io"]), purpose="layers")
    for region in regions(registry):
        yield Opening(destination=f"AzureContainerRegistry.{region}", purpose="service tag")
        if not data:
            yield Opening(destination=f"Storage.{region}", purpose="service tag")


def _only_private(private: Iterable[str], public: Iterable[str]) -> dict[str, Purpose]:
    """Return the names that only its private endpoints have.

    A private endpoint has data endpoints of its own, even if the registry has no public ones
    (container-registry-private-endpoints).
    """
    said = {name.lower() for name in public}
    return {name: "data endpoint" if ".data." in name else "regional endpoint" for name in private if name not in said}


def lines(found: FirewallLists, dialect: Dialect) -> str:
    """Return the rules as lines to paste; placeholders for a person's choice are in capital letters."""
    return _WRITERS[dialect](found)


def _azure_firewall(found: FirewallLists) -> str:
    return az(
        "network firewall application-rule create",
        resource_group="GROUP",
        firewall_name="FIREWALL",
        collection_name=found.target,
        name=found.target,
        priority=200,
        action="Allow",
        protocols="Https=443",
        source_addresses="*",
        target_fqdns=_names(found.now),
    )


def _nsg(found: FirewallLists) -> str:
    """Return outbound rules: one for the private addresses, or one per service tag, because a rule takes only one."""
    addresses = sorted({address for opening in found.now for address in opening.addresses})
    tags = [opening.destination for opening in found.now if opening.purpose == "service tag"]
    rules = [(found.target, addresses)] if addresses else [(tag, [tag]) for tag in tags]
    return "\n".join(
        az(
            "network nsg rule create",
            resource_group="GROUP",
            nsg_name="NSG",
            name=f"to-{name}",
            priority=200 + number,
            direction="Outbound",
            access="Allow",
            protocol="Tcp",
            destination_port_ranges=443,
            destination_address_prefixes=destinations,
        )
        for number, (name, destinations) in enumerate(rules)
    )


def _proxy(found: FirewallLists) -> str:
    """Return lines for Squid, and the exceptions of clients that reach the registry by private addresses."""
    names = [name.removeprefix("*") for name in _names(found.now)]
    allowed = f"acl {found.target} dstdomain {' '.join(names)}\nhttp_access allow CONNECT {found.target}"
    private = ",".join(opening.destination for opening in found.now if opening.addresses)
    return f"{allowed}\n# of clients that use the private endpoint:\nNO_PROXY={private}" if private else allowed


def _names(openings: Iterable[Opening]) -> list[str]:
    return [opening.destination for opening in openings if opening.purpose != "service tag"]


_WRITERS: Final = {"azure-firewall": _azure_firewall, "nsg": _nsg, "proxy": _proxy}
