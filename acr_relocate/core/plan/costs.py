"""The costs of a relocation in quantities, and in money where the request gives the prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.plan.steps import Counts
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import size

_GIB: Final = 2**30


class Cost(FrozenModel):
    """One kind of cost: the quantity in words, and the amount; None without a price."""

    what: str
    quantity: str
    amount: float | None = None


def relocation_costs(
    request: RelocationRequest, source: Registry, counts: Counts | None, *, replica: bool = False
) -> tuple[Cost, ...]:
    """Return what the relocation adds to the bill: the second registry during the soak, its storage, the traffic.

    `replica`: whether the source gets one for the imports.
    """
    return tuple(_costs(request, source, counts, replica=replica))


def _costs(request: RelocationRequest, source: Registry, counts: Counts | None, *, replica: bool) -> Iterator[Cost]:
    prices, days = request.prices, request.soak_days
    registries = 1 + len(_replicas(source))
    beside = f"{registries} {source.sku} registries" if registries > 1 else f"1 {source.sku} registry"
    yield Cost(
        what="the source beside the target",
        quantity=f"{beside} for {days} days of soak",
        amount=_amount(registries * days, prices.registry_day),
    )
    if counts is None:
        return
    if replica:
        yield Cost(
            what="the replica for the imports",
            quantity="1 Premium replica for each day that they take, at least 1",
            amount=_amount(1, prices.registry_day),
        )
    if excess := max(0, counts.stored_bytes - counts.included_bytes):
        yield Cost(
            what="storage in both",
            quantity=f"{size(excess)} beyond what the SKU includes, for {days} days",
            amount=_amount(excess / _GIB * days, prices.storage_gib_day),
        )
    if normalise_location(source.location) != normalise_location(request.target.location) and counts.missing_bytes:
        yield Cost(
            what="traffic between the regions",
            quantity=f"at most {size(counts.missing_bytes)} from {source.location} to {request.target.location}",
            amount=_amount(counts.missing_bytes / _GIB, prices.traffic_gib),
        )


def _replicas(source: Registry) -> list[str]:
    home = normalise_location(source.location)
    places = [normalise_location(one.location or "") for one in source.children_of("replications")]
    return [place for place in places if place != home]


def _amount(quantity: float, price: float) -> float | None:
    return round(quantity * price, 2) if price else None
