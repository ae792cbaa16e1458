"""Checks of a replica of the source that the request wants for the imports."""

from collections.abc import Iterator
from typing import Final, Literal

from acr_relocate.core.access.permissions import missing_actions, scopes_at
from acr_relocate.core.access.required_actions import RIGHTS_NEEDED
from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.content.source_replica import has_replica, why_no_replica
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.network.static_addresses import fixed_endpoints
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural

_CHECK: Final = "replica_cannot_be_made"
_PLACES: Final[tuple[Literal["source", "source group"], ...]] = ("source", "source group")


@check("decision")
def replica_cannot_be_made(evidence: Evidence) -> Iterator[Violation]:
    """The request wants a replica of the source for the imports, and the source can have none.

    Source: F17; D/container-registry-geo-replication.md. The imports read from the source's region then.
    """
    request, source = evidence.request, evidence.source
    if not request.via_replica or has_replica(source, request.target.location):
        return
    scope, reason = _reason(evidence)
    if reason:
        message = f"{source.name} can have no replica in {request.target.location} for the imports: {reason}."
        yield Violation(message, "via_replica: false", scope)


@check("note")
def replica_needs_addresses(evidence: Evidence) -> Iterator[Violation]:
    """While the source has a replica for the imports, each of its private endpoints takes one address more.

    Source: D/container-registry-private-endpoints.md: each replica has a data endpoint of its own.
    """
    request, source = evidence.request, evidence.source
    endpoints = source.children_of("privateEndpointConnections")
    if (
        request.via_replica
        and endpoints
        and not has_replica(source, request.target.location)
        and not any(_reason(evidence))
    ):
        what = plural(len(endpoints), "private endpoint")
        message = f"While {source.name} has a replica for the imports, its {what} each take one address more."
        yield Violation(message, "Make sure that their subnets have free addresses.", source.id)


def _reason(evidence: Evidence) -> tuple[str, str]:
    """Return where and why there will be no replica; two empty strings if it can be made, as far as Azure shows."""
    request, source = evidence.request, evidence.source
    if reason := replica_obstacle(request, source, evidence.locks):
        return source.id, reason
    for place in _PLACES:
        actions = [right.action for right in RIGHTS_NEEDED if (right.found_by, right.place) == (_CHECK, place)]
        for scope in scopes_at(place, evidence):
            if lacks := missing_actions(actions, evidence.permissions.get(scope)):
                return scope, f"the running identity lacks {', '.join(lacks)} at {scope}"
    return "", ""


def replica_obstacle(request: RelocationRequest, source: Registry, locks: tuple[Lock, ...] | Unknown) -> str:
    """Return why the source gets no replica, apart from missing rights; empty if nothing forbids one."""
    if reason := why_no_replica(request, source) or _kept_by_lock(locks, source.id):
        return reason
    fixed = any(one.former for one in fixed_endpoints(source, request))
    return "a private endpoint of it has fixed addresses, so Azure takes the replica back" if fixed else ""


def _kept_by_lock(locks: tuple[Lock, ...] | Unknown, source_id: str) -> str:
    """Return why a lock forbids a replica: under a CanNotDelete it can be made, but not removed. Empty without one.

    Unknown locks forbid none here; Azure refuses the removal then, and the record of the replica stays.
    """
    found = locks if isinstance(locks, tuple) else ()
    holding = next((lock for lock in found if f"{source_id}/".lower().startswith(f"{lock.scope}/".lower())), None)
    return f"the lock {holding.name} on {holding.scope} would keep it from being removed" if holding else ""
