"""The question before a rehearsal: the resources that it makes, their price, the rights that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.approval.decision import ApprovalSubject, fingerprint
from acr_relocate.core.approval.subjects import settings
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.rehearsal.artifacts import Kind
from acr_relocate.core.rehearsal.rehearsal import LIFETIME
from acr_relocate.core.rehearsal.requests import LEFT_OUT, is_closed
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest

# USD a registry and day, azure.microsoft.com/pricing/details/container-registry as of 2025; a replica counts as one.
_PRICE_A_DAY: Final = {"Basic": 0.167, "Standard": 0.667, "Premium": 1.667}
_PRICES_OF: Final = "2025"


def rehearsal_of(
    source: Registry, request: RelocationRequest, kinds: Sequence[Kind], large_mib: int
) -> ApprovalSubject:
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
            "artifacts": dict.fromkeys(kinds, "") | {"large": f"{large_mib} MiB"},
        },
        summary=tuple(_summary(source, request, kinds, large_mib)),
    )


def _summary(source: Registry, request: RelocationRequest, kinds: Iterable[Kind], large_mib: int) -> Iterator[str]:
    hours = f"{LIFETIME.total_seconds() / 3600:.0f} hours"
    yield f"create two resource groups acr-relocate-rehearsal-…, tagged with their expiry after {hours}"
    yield f"create a {source.sku} registry in each, shaped like {source.name}, and a managed identity that may pull"
    yield f"push synthetic artifacts: {', '.join(kinds)} ({large_mib} MiB)"
    yield f"relocate the one to the other: {normalise_location(source.location)} to {request.target.location}"
    yield "delete all of it again, at the end or after whatever ends it"
    yield from _left_out(source, request)
    yield price(source)
    yield f"rights beyond a plan's: the custom role `acr-relocate rehearse`, {len(granted_by('rehearse'))} actions"


def _left_out(source: Registry, request: RelocationRequest) -> Iterator[str]:
    """Yield how the rehearsal differs from the relocation."""
    for kind, why in LEFT_OUT.items():
        if source.children_of(kind):
            yield f"not rehearsed: {kind}, because {why}"
    if is_closed(source):
        yield f"unlike {source.name}, the small registries take calls from public networks"
    if request.template.path:
        yield "not rehearsed: the edited template, which is the target's alone"


def price(source: Registry) -> str:
    """Return what a rehearsal costs: Azure bills a registry and a replica by the day."""
    homes = {normalise_location(source.location)}
    replicas = [
        one for one in source.children_of("replications") if normalise_location(one.location or "") not in homes
    ]
    registries = 2 * (1 + len(replicas))
    a_day = _PRICE_A_DAY.get(source.sku)
    if a_day is None:
        return f"price: {registries} registry days of {source.sku}"
    total = registries * a_day
    return f"price: at most {registries} registry days of {source.sku}, {total:.2f} USD (list price of {_PRICES_OF})"
