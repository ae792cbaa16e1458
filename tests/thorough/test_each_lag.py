"""Each lag of Azure alone, and every fault at once; `make test` has the lags together (service/test_faults.py)."""

from typing import TYPE_CHECKING

import pytest

from flows.relocate import relocate_registry
from tests.service.conftest import _emulator, _shared_emulator, _small_move
from tests.service.test_faults import (
    ALONE,
    LAGS,
    NEEDS_A_PERSON,
    PARAMETERS,
    REFUSALS,
    _vaulted_move,
    has_bitten,
    test_a_fault_is_recovered_from,
)

if TYPE_CHECKING:
    from tests.service.conftest import Move

__all__ = ["_emulator", "_shared_emulator", "_small_move", "_vaulted_move"]


@pytest.mark.parametrize("fault", LAGS)
async def test_a_lag_alone_is_recovered_from(fault: str, vaulted_move: "Move") -> None:
    """The relocation completes in spite of it."""
    await test_a_fault_is_recovered_from(fault, vaulted_move)


async def test_all_that_goes_away_by_itself_at_once_is_recovered_from(vaulted_move: "Move") -> None:
    """Lags, variants and failures that come once: 21 together."""
    for fault in ALONE:
        vaulted_move.emulator.arm_fault(fault, **PARAMETERS.get(fault, {}))

    report = await relocate_registry(vaulted_move.request)

    source, target = vaulted_move.contents()
    assert [fault for fault in ALONE if not has_bitten(vaulted_move, fault)] == []
    assert report.verdict == "relocated"
    assert source == target


async def test_what_needs_a_person_is_told_through_every_lag(small_move: "Move") -> None:
    """With all refusals beside those the run ends in the error of one of them, and without any it completes."""
    for fault in (*ALONE, *sorted(NEEDS_A_PERSON)):
        small_move.emulator.arm_fault(fault, **PARAMETERS.get(fault, {}))

    with pytest.raises(REFUSALS):
        await relocate_registry(small_move.request)
    small_move.emulator.clear_faults()
    again = await relocate_registry(small_move.request)

    assert again.verdict == "relocated"
