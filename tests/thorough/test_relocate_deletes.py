"""`relocate` with `delete_source`: its last phase wants the same evidence and the same approval as `delete-source`."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect.exceptions import CancelledRun, ParameterBindError

from acr_relocate.core.approval import ApprovalNeeded, Given, Subject
from acr_relocate.core.errors import NotApproved, RelocationError
from acr_relocate.core.report import Report
from flows.relocate import relocate_registry
from tasks.approval import answering
from tasks.observers import Event, observing
from tests.service.conftest import Move
from tests.service.test_delete_source import SOURCE, _move, _story, yes

__all__ = ["_move", "_story"]


@pytest.fixture(name="deleting")
def _deleting(move: Move) -> Move:
    """A relocation that is through, but for the deletion that its request asks for."""
    return Move(move.emulator, move.request.model_copy(update={"delete_source": True}))


async def attempt(move: Move, *given: Given) -> NotApproved | RelocationError | Report:
    """What the run came to; nothing was taken from the source unless it says so."""
    events: list[Event] = []
    try:
        with observing(events.append), answering(given):
            report = await relocate_registry(move.request)
    except CancelledRun:
        return next(event for event in events if isinstance(event, NotApproved))
    except RelocationError as error:
        return error
    assert isinstance(report, Report)
    return report


async def question(move: Move) -> Subject:
    needed = await attempt(move)
    assert isinstance(needed, ApprovalNeeded)
    return needed.subject


def is_there(move: Move) -> bool:
    """The source is there, and nobody has tried to take anything from it."""
    writes = move.emulator.stats()["writes"]
    return SOURCE in {one["id"] for one in move.emulator.resources()} and not any("DELETE" in one for one in writes)


async def test_with_the_approval_it_is_deleted(deleting: Move) -> None:
    """So that the tests below fail for their own reasons."""
    report = await attempt(deleting, yes(await question(deleting)))

    assert isinstance(report, Report)
    assert report.verdict == "deleted"
    assert not is_there(deleting)


FORGED: dict[str, Callable[[Subject], Given]] = {
    "another name": lambda subject: yes(subject, typed="contosoregistry2"),
    "another case": lambda subject: yes(subject, typed="ContosoRegistry"),
    "the target's name": lambda subject: yes(subject, typed="moved"),
    "a digest of nothing": lambda subject: yes(subject, digest="0123456789abcdef"),
}


@pytest.mark.parametrize("forged", FORGED)
async def test_an_approval_that_is_none(forged: str, deleting: Move) -> None:
    """A name that was not typed, or the digest of something else."""
    assert isinstance(await attempt(deleting, FORGED[forged](await question(deleting))), NotApproved)
    assert is_there(deleting)


async def test_an_approval_of_what_was_after_the_plan_was_forged(deleting: Move) -> None:
    """The target says that another relocation made it: nothing is touched, whatever was approved."""
    approved = yes(await question(deleting))
    deleting.emulator.plant(deleting.request.target_id, tags={"acr-relocate-plan": "0123456789ab"})
    deleting.emulator.reset_stats()

    assert isinstance(await attempt(deleting, approved), RelocationError)
    assert is_there(deleting)


async def test_parameters_that_approve(deleting: Move) -> None:
    """There are none."""
    preset: Any = {"request": deleting.request, "decision": "approve", "typed": "contosoregistry"}
    with pytest.raises(ParameterBindError, match="typed"):
        await relocate_registry(**preset)
    assert set(relocate_registry.parameters.properties) == {"request"}
