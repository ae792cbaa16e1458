"""A batch at the Prefect server: its registries, the state of each, and the runs to start.

Each registry is moved by a run of its own, which outlives this one. Its idempotency key contains batch, registry
and the attempt, so that the next run of the batch finds the runs that were started.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from prefect import get_client, task
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.objects import FlowRun, StateType

from acr_relocate.azure.discovery import find_registries
from acr_relocate.core.batch import report as table
from acr_relocate.core.batch import schedule
from acr_relocate.core.batch.expand import BatchMember, expand
from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.batch.request import BatchRequest, parse_batch
from acr_relocate.core.batch.schedule import Attempt, MemberStanding, MemberStatus
from acr_relocate.core.report.report import Report
from tasks.connection import azure
from tasks.retry_policies import READ
from tasks.runs.artifacts import BATCH_DATA, BATCH_LABEL, ignore_server_errors, publish_data
from tasks.runs.events import announce
from tasks.runs.queries import NOT_BEGUN, read_reports, runs_by_key, start_run, url_of

_DEPLOYMENT: Final = "relocate/relocate"
_LOOK_SECONDS: Final = 5.0
OVER: Final = "acr-relocate.batch.over"
"""The event that tells the server that no more heartbeats will come, and that none is missing."""


STANDINGS: Final[dict[StateType, MemberStanding]] = {
    StateType.SCHEDULED: "waiting_for_a_worker",
    StateType.PENDING: "waiting_for_a_worker",
    StateType.RUNNING: "running",
    StateType.CANCELLING: "running",
    StateType.PAUSED: "waiting_for_approval",
    StateType.COMPLETED: "done",
    StateType.FAILED: "failed",
    StateType.CRASHED: "crashed",
    StateType.CANCELLED: "cancelled",
}


@task(name="find-members", task_run_name="find-members-of-{batch.name}", **READ)
async def find_members(batch: BatchRequest) -> tuple[BatchMember, ...]:
    """Return each registry of the batch once, with its request. Raises InvalidRequest. Only reads."""
    batch = parse_batch(batch.model_dump(mode="json"))
    if not batch.query.subscription_ids:
        return expand(batch, ())
    async with azure() as connection:
        return expand(batch, await find_registries.find_registries(connection, batch.query.subscription_ids))


class BatchRun:
    """One run of a batch: starts due runs, polls them, and ends when nothing can go on without a person."""

    def __init__(self, batch: BatchRequest, members: Iterable[BatchMember]) -> None:
        self._batch = batch
        self._places = tuple(MemberStatus(member=member) for member in members)
        self._told: BatchReport | None = None
        self._artifact: UUID | None = None

    async def run_to_end(self) -> BatchReport:
        """Run until nothing is in progress and nothing more can start; return the state of each registry.

        Again: done ones are left alone, running ones are waited for, failed ones get another attempt.
        """
        await self._look()
        self._places = tuple(place.model_copy(update={"before": _ended(place)}) for place in self._places)
        while not schedule.is_over(self._batch, self._places):
            for place in schedule.members_to_start(self._batch, self._places):
                await self._start(place)
            await self._look()
            await asyncio.sleep(_LOOK_SECONDS if self._is_waiting else 0)
        return await self._tell(data=True)

    @property
    def _is_waiting(self) -> bool:
        return any(place.standing in schedule.ACTIVE_STANDINGS for place in self._places)

    async def _start(self, place: MemberStatus) -> None:
        request = place.member.request.model_dump(mode="json")
        key = place.member.key(self._batch.name, len(place.attempts) + 1)
        await start_run(_DEPLOYMENT, {"request": request}, key, {BATCH_LABEL: self._batch.name})

    async def _look(self) -> None:
        """Update every member with its attempts, also those started by another run of this batch."""
        due = list(self._places)
        while due:
            keys = {place.member.key(self._batch.name, len(place.attempts) + 1): place for place in due}
            found = await runs_by_key(list(keys))
            due = [_standing(keys[key], len(keys[key].attempts) + 1, run) for key, run in found.items()]
            self._places = _replaced(self._places, due)
        runs = await runs_by_key([self._latest_key(place) for place in self._places if place.attempts])
        self._places = await self._looked_at(runs)
        await self._tell()

    def _latest_key(self, place: MemberStatus) -> str:
        return place.member.key(self._batch.name, len(place.attempts))

    async def _looked_at(self, runs: dict[str, FlowRun]) -> tuple[MemberStatus, ...]:
        ended = [run.id for run in runs.values() if run.state_type in {StateType.COMPLETED, StateType.FAILED}]
        reports = await read_reports(ended)
        return tuple(
            _standing(place, len(place.attempts), run, reports.get(run.id))
            if (run := runs.get(self._latest_key(place)))
            else place
            for place in self._places
        )

    async def _tell(self, *, data: bool = False) -> BatchReport:
        """Publish the table of the batch as an artifact of this run when it has changed; its JSON at the end."""
        report = table.batch_report(self._batch.name, self._places)
        if report != self._told:
            await ignore_server_errors(self._show(report))
            announce(report)
        if data:
            await publish_data(BATCH_DATA, report)
        self._told = report
        return report

    async def _show(self, report: BatchReport) -> None:
        """Show the table as one artifact of this run, which changes with it."""
        rows, key = table.rows_for_display(report), f"batch-{self._batch.name}"
        if self._artifact is None:
            self._artifact = await acreate_table_artifact(rows, key=key, description=report.summary)
            return
        async with get_client() as client:
            changed = ArtifactUpdate(data=json.dumps(rows), description=report.summary)
            await client.update_artifact(self._artifact, changed)


def _ended(place: MemberStatus) -> int:
    """Return the number of its ended attempts."""
    return len(place.attempts) - (place.standing in {*schedule.ACTIVE_STANDINGS, "waiting_for_approval"})


def _standing(place: MemberStatus, number: int, run: FlowRun, report: Report | None = None) -> MemberStatus:
    """Return the member, updated with the result of its latest attempt."""
    attempt = Attempt(
        number=number,
        standing=_came_to(run, report),
        message=(run.state.message if run.state else "") or "",
        url=url_of(run.id),
        report=report,
    )
    return place.model_copy(update={"attempts": (*place.attempts[: number - 1], attempt)})


def _came_to(run: FlowRun, report: Report | None) -> MemberStanding:
    if run.state_type is None or run.state_name == NOT_BEGUN:
        return "waiting_for_a_worker"
    verdict = report.verdict if report else ""
    special: dict[str, MemberStanding] = {"prepared": "prepared", "blocked": "blocked"}
    return special.get(verdict, STANDINGS[run.state_type])


def _replaced(places: Sequence[MemberStatus], changed: Sequence[MemberStatus]) -> tuple[MemberStatus, ...]:
    new = {place.member.request.source.name: place for place in changed}
    return tuple(new.get(place.member.request.source.name, place) for place in places)
