"""A rehearsal: the whole move once, on small registries of its own, of which nothing is left in the end."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.exceptions import CancelledRun
from prefect.settings import get_current_settings

from acr_relocate.azure.changes.rehearsals import record
from acr_relocate.azure.client.exchange_recorder import ExchangeRecorder, recording_exchanges
from acr_relocate.azure.client.session import connection
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject, Decision, answer_form
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.recording.comparison import compare_recordings
from acr_relocate.core.recording.exchange import Exchange, read_recording, to_json
from acr_relocate.core.rehearsal.connected import Connected
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.summary import report_summary
from acr_relocate.core.report.verdicts import report_verdict
from deployments import processes
from flows.rehearse import rehearse_relocation
from local_azure.launcher import Emulator, running
from tasks.rehearsal import begin_rehearsal, remove_rehearsal
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, observing
from tests.service.conftest import FEW, SOURCE, Move, make_move, under_way
from tests.service.test_cli import command, run
from tests.service.test_cut_over import NORTH_NETWORK, WEST_NETWORK


@pytest.fixture(scope="module", name="field")
def _field() -> Iterator[Emulator]:
    """An Azure of their own, with a lock on the source."""
    with running("demo") as emulator:
        emulator.plant(
            f"{SOURCE}/providers/Microsoft.Authorization/locks/production", properties={"level": "CanNotDelete"}
        )
        yield emulator


@pytest.fixture(name="move")
def _move(field: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """A relocation before its first run."""
    for name, value in field.env.items():
        monkeypatch.setenv(name, value)
    subnets = {f"{WEST_NETWORK}/{name}": f"{NORTH_NETWORK}/{name}" for name in ("apps", "endpoints")}
    yield make_move(field, (*FEW, "charts/*"), subnets=subnets)
    field.clear_faults()


@pytest.fixture(name="prefect")
def _prefect() -> dict[str, str]:
    """The tests' Prefect server, for another process."""
    return {"PREFECT_API_URL": str(get_current_settings().api.url)}


@pytest.fixture(name="dump")
def _dump(field: Emulator, tmp_path: Path) -> Callable[[], str]:
    """All that Azure holds, by its own books: resources with what they hide, principals, content."""

    def dump() -> str:
        field.save(tmp_path / "now.json")
        held = json.loads((tmp_path / "now.json").read_text())
        held["resources"].sort(key=lambda one: str(one["id"]))
        for resource in held["resources"]:
            resource["hidden"].pop("counts", None)  # of pulls, which reading the source is
        return json.dumps(held, indent=1, sort_keys=True)

    return dump


async def question(move: Move, large: int = 1) -> ApprovalSubject:
    """Return the question."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await rehearse_relocation(move.request, large_mebibytes=large)
    return next(event.subject for event in events if isinstance(event, ApprovalNeeded))


async def rehearse(move: Move, large: int = 1) -> Report:
    """Asked, approved and carried out; the report, also of one that stopped."""
    subject = await question(move, large)
    answer = answer_form(subject).model_validate({"decision": Decision.APPROVE, "name": "Ann Approver"})
    given = TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)
    events: list[Any] = []
    with answered_at_terminal([given]), observing(events.append), suppress(RelocationError):
        await rehearse_relocation(move.request, large_mebibytes=large)
    return next(event for event in reversed(events) if isinstance(event, Report))


def check_recording(exchanges: tuple[Exchange, ...], books: str, move: Move) -> None:
    """The recording has all kinds of calls, is equal to itself, and has no name, id, address or secret."""
    text = to_json(exchanges)
    named = r"contoso[a-z-]*|moved\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|https?://[\w.-]+|\d+\.\d+\.\d+\.\d+"
    words = set(re.findall(named, books + str(move.request))) | set(move.emulator.secrets())
    compared = compare_recordings(exchanges, read_recording(text, "recording.json"))

    assert {"importImage", "{registry}", "_manifests", "uploads"} <= set(re.split(r"[/\"]", text))
    assert (compared.same, compared.different, compared.not_asked) == (len(exchanges), (), ())
    assert len(words) > 100
    assert [word for word in words if word in text] == []


async def test_the_whole_move_is_rehearsed_and_nothing_is_left(move: Move, dump: Callable[[], str]) -> None:
    """Every step is taken, the times are in the report, and Azure's own books are as before; the rights suffice."""
    before = dump()
    move.emulator.reset_stats()

    with recording_exchanges(recorder := ExchangeRecorder()):
        report = await rehearse(move)

    needs = {action.lower() for action in move.emulator.stats()["needs"]}
    allowed = {one.lower() for duty in ("plan", "rehearse") for one in granted_by(duty)}
    said = {phase.name: phase.summary for phase in report.phases}
    assert report_verdict(report) == "rehearsed: 18 steps taken, 0 refused"
    assert said["push"] == "image, index, referrer, signature, chart, locked, large (1 MiB)"
    assert said["management locks"] == "CanNotDelete"
    assert (said["private endpoints"], said["diagnostic settings"]) == ("1 made and removed", "1 made and removed")
    assert (said["cut over"], said["deferred settings"]) == ("2 done", "2 done")
    assert said["clean up"] == "7 removed"
    assert report.rehearsal is not None
    assert report.rehearsal.times.import_seconds > 0
    assert {"reads", "writes"} <= report.rehearsal.calls_left.keys()
    assert report.rehearsal.times.deploy_seconds > 0
    assert len(report_summary(report).splitlines()) <= 15
    assert needs - allowed == set()
    assert dump() == before
    check_recording(recorder.exchanges, before, move)


async def test_a_policy_that_denies_is_told_as_what_it_is(move: Move, dump: Callable[[], str]) -> None:
    """The step, Azure's code, the assignment and the remedy; what was made is removed, and an earlier one is named."""
    before = dump()
    async with connection() as azure:
        earlier = begin_rehearsal(await read_registry(azure, move.request.source), move.request, Connected())
        await record(azure, earlier, {})
    move.emulator.arm_fault("policy-denies", type="registries/webhooks", times="always")

    report = await rehearse(move)

    [failure] = report.failures
    assert report_verdict(report) == "rehearsal stopped: make, RequestDisallowedByPolicy"
    assert failure.remedy
    assert report.rehearsal is not None
    assert [outcome.kind for outcome in report.rehearsal.cleaned[-2:]] == ["removed", "removed"]
    assert [one.remedy for one in report.findings] == [f"acr-relocate rehearse --clean {earlier.id}"]
    await remove_rehearsal(earlier)
    assert dump() == before


def test_what_a_kill_leaves_is_removed_from_another_machine(
    move: Move, dump: Callable[[], str], prefect: dict[str, str], tmp_path: Path
) -> None:
    """By the record in Azure alone: other state, no Prefect server; and nothing else goes."""
    before = dump()
    request = tmp_path / "request.yaml"
    request.write_text(yaml.safe_dump(move.request.model_dump(mode="json")))
    move.emulator.arm_fault("import-hangs", times="always")
    process = command("rehearse", str(request), "--yes", "--large", "1", cwd=tmp_path / "here", **prefect)
    assert processes.wait_until(lambda: under_way(move) > 0, 120)
    process.kill()
    move.emulator.clear_faults()
    left = dump()
    (tmp_path / "there").mkdir()

    unanswered = run("rehearse", "--clean", cwd=tmp_path / "there")
    ended = run("rehearse", "--clean", "--yes", cwd=tmp_path / "there")
    again = run("rehearse", str(request), "--clean", "--yes", cwd=tmp_path / "there")

    assert unanswered[0] == 2
    assert dump() == before != left
    assert (ended[0], ended[1].splitlines()[-1]) == (0, "cleaned: 6 resources")
    assert again[:2] == (0, "cleaned: nothing was left\n")
