"""Two registries become one: each is verified by itself, and each can be taken back by itself."""

from pathlib import Path

import pytest

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.verification import unclean
from flows.delete_source import delete_source
from flows.discard_target import discard_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator
from tests.service.conftest import _emulator, _shared_emulator
from tests.service.merging import DECIDED, merge
from tests.service.test_discard import discard

__all__ = ["_emulator", "_shared_emulator"]


async def test_two_registries_become_one_and_each_part_is_taken_back_alone(emulator: Emulator, tmp_path: Path) -> None:
    """In their order, and no source goes before all are moved; a second run writes nothing.

    What one brought is no difference for the other, and stays.
    """
    pair = await merge(emulator, "legacy/*", **DECIDED)
    first, second = pair.moves
    before = pair.dump(tmp_path)
    with pytest.raises(NotRelocated, match="is moved before"):
        await relocate_registry(second.request)

    reports = [await relocate_registry(first.request)]
    with pytest.raises(NotRelocated, match="other_source_not_moved"):
        await delete_source(first.request)
    reports += [await relocate_registry(second.request)]
    emulator.reset_stats()
    again = [await relocate_registry(move.request) for move in pair.moves]
    writes = emulator.stats()["writes"]
    verified = [await verify_relocation(move.request) for move in pair.moves]
    of_first, of_second = pair.below("one"), pair.below("two")
    await discard(second)
    nothing = await discard_relocation(second.request)

    assert [one.verdict for one in (*reports, *again)] == ["relocated"] * 4
    assert writes == []
    assert [[str(found) for found in one.differences] for one in verified] == [[], []]
    assert [unclean(one.differences) for one in verified] == [(), ()]
    assert set(of_second) == {"two/app"}
    assert (pair.below("one"), pair.below("two")) == (of_first, {})
    assert nothing.verdict == "discarded"
    assert (await verify_relocation(first.request)).verdict == "equal"
    await discard(first)
    assert pair.dump(tmp_path) == before
