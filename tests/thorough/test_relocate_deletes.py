"""`relocate` with `delete_source`: its last phase wants the same evidence and the same approval as `delete-source`."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prefect.exceptions import CancelledRun, ParameterBindError

from acr_relocate.azure.client.session import connection
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject, TerminalAnswer
from acr_relocate.core.errors import NotApproved, RelocationError
from acr_relocate.core.report.report import Report
from flows.relocate import relocate_registry
from local_azure.seeds.surroundings import LOGS_ID
from tasks.runs.approval import answered_at_terminal
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import Move
from tests.service.deleting import EVENTS, OLD, SOURCE, event, yes
from tests.service.test_delete_source import _move, _story

__all__ = ["_move", "_story"]


@pytest.fixture(name="deleting")
def _deleting(move: Move) -> Move:
    """A relocation that is through, but for the deletion that its request asks for."""
    return Move(move.emulator, move.request.model_copy(update={"delete_source": True}))


async def attempt(move: Move, *given: TerminalAnswer) -> NotApproved | RelocationError | Report:
    """Return the outcome of the run; nothing was taken from the source unless the outcome says so."""
    events: list[Event] = []
    try:
        with observing(events.append), answered_at_terminal(given):
            report = await relocate_registry(move.request)
    except CancelledRun:
        return next(event for event in events if isinstance(event, NotApproved))
    except RelocationError as error:
        return error
    assert isinstance(report, Report)
    return report


async def question(move: Move) -> ApprovalSubject:
    needed = await attempt(move)
    assert isinstance(needed, ApprovalNeeded)
    return needed.subject


def is_there(move: Move) -> bool:
    """The source exists, and no removal was attempted."""
    writes = move.emulator.stats()["writes"]
    return SOURCE in {one["id"] for one in move.emulator.resources()} and not any("DELETE" in one for one in writes)


async def test_with_the_approval_it_is_deleted(deleting: Move) -> None:
    """So that the tests below fail for their own reasons."""
    report = await attempt(deleting, yes(await question(deleting)))

    assert isinstance(report, Report)
    assert report.verdict == "deleted"
    assert not is_there(deleting)


FORGED: dict[str, Callable[[ApprovalSubject], TerminalAnswer]] = {
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


async def pushed(move: Move) -> None:
    """Where nothing was selected: it would be lost."""
    async with connection() as azure:
        await Pusher(azure.data_plane(OLD)).image("team-b/archive", "new", text="new")


async def overwritten(move: Move) -> None:
    """The content differs by now from the one that was selected, verified and approved."""
    async with connection() as azure:
        await Pusher(azure.data_plane(OLD)).image("legacy/monolith", "v2", text="another")


async def set_otherwise(move: Move) -> None:
    """The source, so that the target has to follow."""
    move.emulator.plant(SOURCE, properties={"adminUserEnabled": True})


async def locked(move: Move) -> None:
    """By somebody who does not want it to go."""
    lock = f"{SOURCE}/providers/Microsoft.Authorization/locks/stop"
    move.emulator.plant(lock, properties={"level": "CanNotDelete"})


async def pulled(move: Move) -> None:
    """By an unknown identity."""
    move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Pull", days=1))


async def used(move: Move) -> None:
    """By an app that names its images."""
    app = next(one for one in move.emulator.resources("Microsoft.App/containerApps"))
    move.emulator.plant(app["id"], properties={"template": {"containers": [{"image": f"{OLD}/a:1"}]}})


@pytest.mark.parametrize(
    "change",
    [pushed, overwritten, set_otherwise, locked, pulled, used],
    ids=lambda one: one.__name__,
)
async def test_an_approval_of_what_was(change: Callable[[Move], Awaitable[None]], deleting: Move) -> None:
    """Something changes after the question: the run asks what is now, or ends, whatever was approved."""
    approved = yes(await question(deleting))
    await change(deleting)
    deleting.emulator.reset_stats()

    assert isinstance(await attempt(deleting, approved), ApprovalNeeded | RelocationError)
    assert is_there(deleting)


async def test_a_target_changed_after_the_question_is_first_as_it_was_approved(deleting: Move) -> None:
    """The run deploys it again, and what is verified then is what was approved."""
    approved = yes(await question(deleting))
    deleting.emulator.plant(deleting.request.target_id, properties={"adminUserEnabled": True})

    report = await attempt(deleting, approved)

    assert isinstance(report, Report)
    [target] = [one for one in deleting.emulator.resources() if one["id"] == deleting.request.target_id]
    assert (report.verdict, target["properties"]["adminUserEnabled"]) == ("deleted", False)


async def test_parameters_that_approve(deleting: Move) -> None:
    """The list is empty."""
    preset: Any = {"request": deleting.request, "decision": "approve", "typed": "contosoregistry"}
    with pytest.raises(ParameterBindError, match="typed"):
        await relocate_registry(**preset)
    assert set(relocate_registry.parameters.properties) == {"request"}
