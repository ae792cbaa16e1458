"""Three of ten calls to Azure fail at random, half of them after they had their effect."""

from typing import TYPE_CHECKING

import pytest

from acr_relocate.core.errors import RelocationError
from flows.relocate import relocate_registry
from tests.service.conftest import _emulator, _move, _shared_emulator

if TYPE_CHECKING:
    from tests.service.conftest import Move

__all__ = ["_emulator", "_move", "_shared_emulator"]


@pytest.mark.parametrize("time", ["first", "second", "third", "fourth"])
async def test_a_relocation_ends_clean_at_worst_in_a_second_try(time: str, move: "Move") -> None:
    """Both registries are level, and the source is what it was. Other calls fail each time."""
    del time
    before = move.source()
    move.emulator.arm_fault("chaos", share=0.3, hang=0.5)

    try:
        report = await relocate_registry(move.request)
    except RelocationError:
        report = await relocate_registry(move.request)

    source, target = move.contents()
    assert report.verdict == "relocated"
    assert source == target == before
