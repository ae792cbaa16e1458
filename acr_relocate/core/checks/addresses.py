"""Checks of static addresses: the target's private endpoints get none that the request does not give."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.network.static_addresses import Fixed, Space, fixed_endpoints, format_addresses, proposal, unfit
from acr_relocate.core.registry.resource_ids import ResourceId


@check("blocker")
def static_address_missing(evidence: Evidence) -> Iterator[Violation]:
    """A private endpoint of the source has static addresses, and the request does not give the target's.

    Firewalls and name servers outside of Azure name them by number. The remedy proposes the same host number in the
    target's subnet if it is free; an empty mapping lets Azure choose.
    Source: D/container-registry-private-endpoints.md; private-link/private-endpoint-static-ip-powershell.
    """
    for fixed in fixed_endpoints(evidence.source, evidence.request):
        if fixed.missing:
            yield Violation(
                f"Private endpoint {_name(fixed)} has fixed addresses ({format_addresses(fixed.former)}); "
                f"for the target's "
                f"the request does not say those of {', '.join(fixed.missing)}.",
                f"{proposal(fixed, _space(fixed, evidence))}\n"
                f"Or let Azure give them out, in the request:\nstatic_addresses:\n  {fixed.source_id}: {{}}",
                fixed.source_id,
            )


@check("blocker")
def static_address_unusable(evidence: Evidence) -> Iterator[Violation]:
    """An address that the request fixes is invalid: outside the subnet, reserved, in use, or for an unknown member.

    Source: virtual-network/virtual-networks-faq, by which five addresses of each subnet are Azure's.
    """
    all_fixed = fixed_endpoints(evidence.source, evidence.request)
    known = {fixed.source_id.lower() for fixed in all_fixed}
    for endpoint in evidence.request.static_addresses:
        if endpoint.lower() not in known:
            message = f"The request fixes addresses for {endpoint}, which is no private endpoint of the source."
            yield Violation(message, "Take it out of static_addresses, or correct its id.", endpoint)
    for fixed in all_fixed:
        if fixed.given and fixed.made is None:
            message = f"The request has addresses for {_name(fixed)}, but the deployment makes no endpoint for it."
            yield Violation(message, "Name a subnet for it in `subnets`, or take it out.", fixed.source_id)
            continue
        space = _space(fixed, evidence)
        wrong = unfit(fixed, space, evidence.target) | _twice(fixed, all_fixed)
        if wrong:
            given = fixed.given or {}
            said = "; ".join(f"{given[member]} for {member}: {reason}" for member, reason in wrong.items())
            message = f"The target's private endpoint in place of {_name(fixed)} cannot have its addresses: {said}."
            yield Violation(message, proposal(fixed, space, tuple(wrong)), fixed.source_id)


@check("note")
def static_private_endpoint(evidence: Evidence) -> Iterator[Violation]:
    """A private endpoint has fixed addresses: as long as the target has one, no replica can be added to it.

    Source: F17: "Private Endpoint contains static ipconfigurations".
    """
    for fixed in fixed_endpoints(evidence.source, evidence.request):
        if fixed.made is None:
            message = f"Private endpoint {_name(fixed)} has fixed addresses: {format_addresses(fixed.former)}."
            remedy = "Make the target's with --ip-config for each member, once its replicas are there."
            yield Violation(message, remedy, fixed.source_id)
        elif fixed.given:
            message = f"{fixed.made.name} gets fixed addresses: {format_addresses(fixed.given)}."
            remedy = "To add a replica to the target later, recreate it with an address for the replica, too."
            yield Violation(message, remedy, fixed.source_id)
        elif fixed.given == {}:
            message = f"{fixed.made.name} gets its addresses from Azure, as requested; {_name(fixed)} has "
            yield Violation(f"{message}{format_addresses(fixed.former) or 'none fixed'}.", "", fixed.source_id)


def _twice(fixed: Fixed, others: tuple[Fixed, ...]) -> dict[str, str]:
    """Return the addresses that the request gives to something else in the same virtual network, too."""
    network = fixed.subnet.partition("/subnets/")[0]
    near = [one for one in others if one.made and one.subnet.partition("/subnets/")[0] == network]
    all_given = [address for one in near for address in (one.given or {}).values()]
    given = fixed.given or {}
    return {member: "is given twice" for member, address in given.items() if all_given.count(address) > 1}


def _space(fixed: Fixed, evidence: Evidence) -> Space:
    return evidence.address_spaces.get(fixed.subnet, Unknown(reason="not asked", asked=False))


def _name(fixed: Fixed) -> str:
    return ResourceId(fixed.source_id).name
