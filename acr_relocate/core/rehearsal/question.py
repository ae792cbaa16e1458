"""The question before a rehearsal: the resources that it makes, their price, the rights that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.approval.decision import ApprovalSubject, fingerprint
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.rehearsal.connected import Connected, destination
from acr_relocate.core.rehearsal.rehearsal import LIFETIME
from acr_relocate.core.rehearsal.requests import is_closed
from acr_relocate.core.rehearsal.shape import SourceShape
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural

# USD a registry and day, azure.microsoft.com/pricing/details/container-registry as of 2025; a replica counts as one.
_PRICE_A_DAY: Final = {"Basic": 0.167, "Standard": 0.667, "Premium": 1.667}
# USD an hour, azure.microsoft.com/pricing/details/private-link as of 2025; a part of an hour counts as one.
_ENDPOINT_HOUR: Final = 0.01
_PRICES_OF: Final = "2025"


def rehearsal_of(source: Registry, request: RelocationRequest, shape: SourceShape, large_mib: int) -> ApprovalSubject:
    """Return what is approved. Names and times are not: each rehearsal has its own."""
    place = f"{normalise_location(source.location)} to {request.target.location}"
    return ApprovalSubject(
        stage=Stage.BEFORE_REHEARSAL,
        question=f"Rehearse the relocation of {source.name} from {place}? {source.name}, "
        f"{request.target.name} and all that depends on them are not touched.",
        facts={
            "source": {source.id: ""},
            f"settings of {source.name}": settings(source),
            "request": {"the request": fingerprint(request.model_dump(mode="json", exclude={"approvals"}))},
            "artifacts": dict.fromkeys(shape.kinds, "") | {"large": f"{large_mib} MiB"},
            "locks": dict.fromkeys(shape.connected.locks, ""),
        },
        summary=tuple(_summary(source, request, shape, large_mib)),
    )


def _summary(source: Registry, request: RelocationRequest, shape: SourceShape, large_mib: int) -> Iterator[str]:
    hours = f"{LIFETIME.total_seconds() / 3600:.0f} hours"
    yield f"create two resource groups acr-relocate-rehearsal-…, tagged with their expiry after {hours}"
    yield f"create a {source.sku} registry in each, shaped like {source.name}, and a managed identity that may pull"
    yield f"push synthetic artifacts: {', '.join(shape.kinds)} ({large_mib} MiB)"
    yield f"relocate the one to the other: {normalise_location(source.location)} to {request.target.location}"
    yield from _connections(shape.connected)
    if shape.replica:
        yield f"replicate the first to {request.target.location} for the imports, and compare them with one before that"
    yield "delete all of it again at the end, also after a failure"
    yield from _left_out(source, shape)
    yield price(source, shape)
    yield f"rights beyond a plan's: the custom role `acr-relocate rehearse`, {len(granted_by('rehearse'))} actions"


def _connections(connected: Connected) -> Iterator[str]:
    for endpoint in connected.endpoints:
        subnet = ResourceId(str(endpoint.properties["subnet"]["id"])).subnet_name
        yield f"create a private endpoint to the second in {subnet}, without a name in DNS, and delete it at once"
    for setting in connected.settings:
        yield (
            f"create a diagnostic setting of the second to {destination(setting)}, and delete it at once; "
            "a few rows of that registry may arrive there"
        )
    for level in connected.locks:
        yield f"lock both registries as {level}, and lift that before they are deleted"


def _left_out(source: Registry, shape: SourceShape) -> Iterator[str]:
    """Yield how the rehearsal differs from the relocation."""
    for kind, why in shape.connected.not_made.items():
        yield f"not rehearsed: {kind}, because {why}"
    if shape.no_replica:
        yield f"not rehearsed: the effect of a replica, because {shape.no_replica}"
    if is_closed(source):
        yield f"unlike {source.name}, the small registries take calls from public networks"
    if shape.edits_left_out:
        yield f"not rehearsed: {', '.join(shape.edits_left_out)} of the edited template, which could reach others"


def price(source: Registry, shape: SourceShape) -> str:
    """Return what a rehearsal costs: Azure bills a registry and a replica by the day, an endpoint by the hour."""
    homes = {normalise_location(source.location)}
    replicas = [
        one for one in source.children_of("replications") if normalise_location(one.location or "") not in homes
    ]
    registries, hours = 2 * (1 + len(replicas)) + shape.replica, len(shape.connected.endpoints)
    billed = f"{registries} registry days of {source.sku}"
    billed += f" and {plural(hours, 'hour')} of private endpoints" if hours else ""
    a_day = _PRICE_A_DAY.get(source.sku)
    if a_day is None:
        return f"price: {billed}"
    total = registries * a_day + hours * _ENDPOINT_HOUR
    return f"price: at most {billed}, {total:.2f} USD (list price of {_PRICES_OF})"
