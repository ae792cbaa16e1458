"""Each lag of Azure alone. `make test` has all of them together (tests/service/test_faults.py)."""

from typing import TYPE_CHECKING

import pytest

from tests.service.conftest import _emulator, _shared_emulator, _small_move
from tests.service.test_faults import LAGS, test_a_fault_is_recovered_from

if TYPE_CHECKING:
    from tests.service.conftest import Move

__all__ = ["_emulator", "_shared_emulator", "_small_move"]


@pytest.mark.parametrize("fault", LAGS)
async def test_a_lag_alone_is_recovered_from(fault: str, small_move: "Move") -> None:
    """The relocation completes in spite of it."""
    await test_a_fault_is_recovered_from(fault, small_move)
