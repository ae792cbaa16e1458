"""One request that names a registry, a name and a region: from the plan to the deletion of the source, asked thrice."""

from collections.abc import Iterator

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject, TerminalAnswer
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tasks.runs.approval import answered_at_terminal
from tasks.runs.events import Event, observing
from tests.service.conftest import LEAST
from tests.service.deleting import NORTH, SOURCE, WEST, leave, yes

TARGET = SOURCE.replace("contosoregistry", "contosonorth")
STAGES = [Stage.BEFORE_DEPLOY, Stage.BEFORE_CUT_OVER, Stage.BEFORE_DELETE]
REQUEST = {
    "source": {"name": "contosoregistry.azurecr.io"},
    "target": {"name": "contosonorth", "location": "northeurope"},
    "approvals": STAGES,
    "delete_source": True,
    "selection": {"repositories": list(LEAST)},
    "subnets": {f"{WEST}/{name}": f"{NORTH}/{name}" for name in ("apps", "endpoints")},
}


@pytest.fixture(name="azure")
def _azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """All settings name the target's login server, and the source had no pull for a month."""
    with running("demo") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        leave(emulator, TARGET)
        emulator.reset_stats()
        yield emulator


async def run(request: RelocationRequest, given: list[TerminalAnswer]) -> Report | ApprovalSubject:
    """The report, or what a person has to be asked first."""
    events: list[Event] = []
    try:
        with observing(events.append), answered_at_terminal(given):
            report = await relocate_registry(request)
    except CancelledRun:
        return next(event.subject for event in events if isinstance(event, ApprovalNeeded))
    assert isinstance(report, Report)
    return report


async def test_from_the_plan_to_the_deletion(azure: Emulator) -> None:
    """Nothing is deployed, cut over or deleted before somebody said so; in the end only the target is there."""
    request, given = parse_request(REQUEST), []

    deployment = await run(request, given)
    assert isinstance(deployment, ApprovalSubject)
    assert azure.stats()["writes"] == []

    given.append(yes(deployment))
    cut_over = await run(request, given)
    assert isinstance(cut_over, ApprovalSubject)
    assert [write for write in azure.stats()["writes"] if "roleAssignments" in write] == []

    given.append(yes(cut_over))
    deletion = await run(request, given)
    assert isinstance(deletion, ApprovalSubject)
    assert {SOURCE, TARGET} <= registries(azure)

    given.append(yes(deletion))
    report = await run(request, given)
    assert isinstance(report, Report)
    assert (report.verdict, report.differences, report.failures) == ("deleted", (), ())
    assert [each.stage for each in report.approvals] == STAGES
    assert registries(azure) & {SOURCE, TARGET} == {TARGET}


def registries(azure: Emulator) -> set[str]:
    return {one["id"] for one in azure.resources("Microsoft.ContainerRegistry/registries")}
