"""The costs that a plan shows: quantities from facts, money only by the user's prices."""

from datetime import date
from typing import Any

import pytest

from acr_relocate.core.plan.costs import relocation_costs
from acr_relocate.core.plan.steps import Counts
from acr_relocate.core.request.prices import Prices
from tests.support.builders import registry, request

GIB = 2**30
PRICED = Prices(currency="EUR", registry_day=1.5, storage_gib_day=0.01, traffic_gib=0.02, as_of=date(2026, 11, 1))
HELD = Counts(missing_bytes=100 * GIB, stored_bytes=700 * GIB, included_bytes=500 * GIB)


@pytest.mark.parametrize(
    ("change", "amounts"),
    [
        ({"prices": PRICED}, [1.5 * 14, 200 * 0.01 * 14, 100 * 0.02]),
        ({"prices": PRICED, "soak_days": 1}, [1.5, 2.0, 2.0]),
        ({}, [None, None, None]),
    ],
)
def test_the_second_registry_its_storage_and_the_traffic(change: dict[str, Any], amounts: list[float | None]) -> None:
    """Each with its quantity; without prices no amount is made up."""
    found = relocation_costs(request().model_copy(update=change), registry(), HELD)

    assert [one.amount for one in found] == amounts
    assert "1 Premium registry" in found[0].quantity
    assert found[1].quantity.startswith("200.0 GiB beyond")
    assert found[2].quantity.startswith("at most 100.0 GiB from")


def test_what_azure_does_not_say_is_left_out() -> None:
    """Unknown content, unknown storage, and a move within a region."""
    moved = request()
    within = moved.model_copy(update={"target": moved.target.model_copy(update={"location": registry().location})})

    assert len(relocation_costs(moved, registry(), None)) == 1
    assert len(relocation_costs(moved, registry(), Counts(missing_bytes=GIB))) == 2
    assert len(relocation_costs(within, registry(), Counts(missing_bytes=GIB))) == 1
