"""Remainders of a budget, by whichever of Azure's headers tells them."""

import pytest

from acr_relocate.azure.client.pipeline import calls_left

NAMES = ("left-reads", "left-global-reads", "left-resource-requests")


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"left-reads": "249", "left-global-reads": "3749"}, 249),
        ({"left-global-reads": "12"}, 12),
        ({"left-reads": "249", "left-resource-requests": "3"}, 3),
        ({"left-writes": "1"}, None),
        ({"left-reads": "Microsoft.Compute/GetVM;239"}, None),
        ({}, None),
    ],
)
def test_the_scarcest_decides(headers: dict[str, str], left: int | None) -> None:
    """Both families count, and what is no number says nothing."""
    assert calls_left(headers, NAMES) == left
