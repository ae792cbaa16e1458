"""Static addresses of private endpoints: those for the target, and the reasons against them.

Firewalls, routes and name servers outside of Azure have such addresses by number. So none is chosen silently: the
request gives them, and the plan proposes the source's host number in the target's subnet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from acr_relocate.core.evidence.azure_facts import AddressSpace
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.network.layout import regions
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children.move import Move
from acr_relocate.core.target.children.private_endpoints import addresses_of, given_addresses, name_there
from acr_relocate.core.target.design import design

# Network address, gateway, two for DNS, and the broadcast address (virtual-network/virtual-networks-faq).
RESERVED_FIRST: Final = 4
Space = AddressSpace | Unknown | None


@dataclass(frozen=True)
class Fixed:
    """A private endpoint of the source with static addresses, or whose counterpart has them.

    `made`: the target's endpoint in the deployment, None without one. By the target's members: `former`,
    the static address of the source's counterpart; `given`, the addresses in the request, None without an entry.
    """

    source_id: str
    made: Child | None
    members: tuple[str, ...]
    former: dict[str, str]
    given: dict[str, str] | None

    @property
    def subnet(self) -> str:
        """Return the id of the target endpoint's subnet, in lower case."""
        return str(((self.made.properties if self.made else {}).get("subnet") or {}).get("id") or "").lower()

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the members without an address in the request. An endpoint has all its addresses static, or none."""
        if self.made is None or self.given == {}:
            return ()
        return tuple(member for member in self.members if member not in (self.given or {}))


def fixed_endpoints(source: Registry, request: RelocationRequest) -> tuple[Fixed, ...]:
    """Return the private endpoints with static addresses at the source, or in the request for the target."""
    target = design(source, request).registry
    made = {child.name: child for child in target.children_of("privateEndpoints")}
    move, wanted = Move(source, request), members(target)
    found = (
        Fixed(
            source_id=str(child.properties.get("id") or child.name),
            made=made.get(name_there(child, move)),
            members=wanted,
            former=_former(child, wanted, move),
            given=given_addresses(child, request),
        )
        for child in source.children_of("privateEndpoints")
    )
    return tuple(one for one in found if one.former or one.given is not None)


def members(registry: Registry) -> tuple[str, ...]:
    """Return the members of a private link, each with an address (container-registry-private-endpoints)."""
    everywhere = sorted(regions(registry))
    is_regional = str(registry.properties.get("regionalEndpoints") or "").lower() == "enabled"
    regional = (f"registry_{region}" for region in everywhere) if is_regional else ()
    return "registry", *(f"registry_data_{region}" for region in everywhere), *regional


def _former(child: Child, wanted: Sequence[str], move: Move) -> dict[str, str]:
    """Return the source's static addresses by the target's members: the old home region's go to the new one."""
    own = addresses_of(child)
    at_home = {member: member.replace(f"_{move.location}", f"_{move.home}") for member in wanted}
    named = {member: own.get(member) or own.get(at_home[member]) for member in wanted}
    return {member: address for member, address in named.items() if address}


def in_question(fixed: Iterable[Fixed], prefixes: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses in a subnet to check: those of the request, and those to propose."""
    found = list[str]()
    for one in fixed:
        found += (one.given or {}).values()
        found += (_same_host(address, prefixes) for address in one.former.values())
    return tuple(dict.fromkeys(address for address in found if address and _is_inside(address, prefixes)))


def unfit(fixed: Fixed, space: Space, target: Registry | Unknown | None) -> dict[str, str]:
    """Return by member why the target cannot have an address of the request."""
    reasons = {member: "has no such member" for member in fixed.given or {} if member not in fixed.members}
    if not isinstance(space, AddressSpace):
        return reasons
    ours = _held(fixed, target)
    for member, address in (fixed.given or {}).items():
        reason = _against(address, space, ours)
        if reason:
            reasons.setdefault(member, reason)
    return reasons


def proposal(fixed: Fixed, space: Space, wrong: Sequence[str] = ()) -> str:
    """Return the request's field with an address for each member: the given one, else the source's host if free.

    A member without a proposal is left for a person to fill in.
    """
    prefixes = space.prefixes if isinstance(space, AddressSpace) else ()
    lines = ["static_addresses:", f"  {fixed.source_id}:"]
    for member in fixed.members:
        kept = "" if member in wrong else (fixed.given or {}).get(member, "")
        free = _same_host(fixed.former[member], prefixes) if member in fixed.former else ""
        is_free = isinstance(space, AddressSpace) and free and not _against(free, space, set())
        blank = f"ADDRESS-IN-{'-OR-'.join(prefixes)}" if prefixes else "ADDRESS-IN-ITS-SUBNET"
        lines.append(f"    {member}: {kept or (free if is_free else blank)}")
    return "\n".join(lines)


def _same_host(address: str, prefixes: Sequence[str]) -> str:
    """Return the address with the same host number in the subnet's first prefix, or an empty string."""
    for network in _networks(prefixes):
        return str(network.network_address + (int(IPv4Address(address)) & int(network.hostmask)))
    return ""


def _against(address: str, space: AddressSpace, ours: set[str]) -> str:
    networks = [one for one in _networks(space.prefixes) if IPv4Address(address) in one]
    if not networks:
        return f"is not in {', '.join(space.prefixes)}"
    if any(_is_reserved(address, network) for network in networks):
        return f"is one of the five that Azure keeps of {', '.join(space.prefixes)}"
    return "" if space.free.get(address, True) or address in ours else "is taken"


def _is_reserved(address: str, network: IPv4Network) -> bool:
    host = int(IPv4Address(address)) - int(network.network_address)
    return host < RESERVED_FIRST or host == network.num_addresses - 1


def _is_inside(address: str, prefixes: Sequence[str]) -> bool:
    return any(IPv4Address(address) in network for network in _networks(prefixes))


def _networks(prefixes: Sequence[str]) -> Iterator[IPv4Network]:
    """Yield the IPv4 prefixes: private endpoints have no others."""
    yield from (IPv4Network(prefix) for prefix in prefixes if ":" not in prefix)


def _held(fixed: Fixed, target: Registry | Unknown | None) -> set[str]:
    """Return the addresses of the target's own endpoint from an earlier run."""
    if not isinstance(target, Registry) or fixed.made is None:
        return set()
    own = (child for child in target.children_of("privateEndpoints") if child.name == fixed.made.name)
    return {address for child in own for address in addresses_of(child).values()}


def format_addresses(addresses: dict[str, Any]) -> str:
    """Return the addresses with their members, for a sentence."""
    return ", ".join(f"{member} {address}" for member, address in addresses.items())
