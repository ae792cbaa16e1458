"""The deletion of a source is struck at each of its writes: nothing is missing afterwards, and a second try ends it."""

from collections.abc import Callable

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.core.approval.decision import ApprovalSubject
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.report import Report
from flows.delete_source import delete_source
from local_azure.launcher import Emulator
from tasks.runs.approval import answered_at_terminal
from tasks.source_restore import restore_source
from tests.service.conftest import Move
from tests.service.deleting import SOURCE, state, yes
from tests.service.test_delete_source import Story, _move, _question, _story
from tests.thorough.steps import Step, steps

__all__ = ["_move", "_question", "_story"]

WAYS: dict[str, Callable[[Step, Emulator], None]] = {"refused": Step.refuse, "stopped": Step.stop}


async def deleted(move: Move, question: ApprovalSubject) -> bool:
    """Whether the source was deleted, as it was approved."""
    try:
        with answered_at_terminal([yes(question)]):
            report = await delete_source(move.request)
    except (RelocationError, CancelledRun):
        return False
    return isinstance(report, Report) and report.verdict == "deleted"


def at_source(move: Move) -> object:
    """The source with all that is at it, and what it holds."""
    held = {path: one for path, one in state(move.emulator).items() if path.lower().startswith(SOURCE.lower())}
    return held, move.emulator.content("contosoregistry")


@pytest.mark.parametrize("way", WAYS)
async def test_a_deletion_that_was_struck_at_each_write_gives_back_and_then_completes(
    way: str, story: Story, move: Move, question: ApprovalSubject
) -> None:
    """Refused, the same run gives back what it took; stopped as by a kill, the next one does, and deletes it."""
    wrong: list[str] = []
    before = at_source(move)
    assert await deleted(move, question)
    for step in steps(move.emulator):
        await story.begin()
        WAYS[way](step, move.emulator)
        done = await deleted(move, question)
        move.emulator.clear_faults()
        if not done and way == "stopped" and SOURCE in state(move.emulator):
            await restore_source(move.request)
        if SOURCE in state(move.emulator) and at_source(move) != before:
            wrong.append(f"{step}: the source is not as it was")
        if not (done or await deleted(move, question)):
            wrong.append(f"{step}: the second try does not delete it")
    assert wrong == []
