"""Answer a run that waits for approval, through the Prefect server. Importing this takes 3 s."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound

from acr_relocate.core.approval.decision import ApprovalSubject, Decision, read_question
from acr_relocate.core.errors import InvalidRequest
from tasks.runs.queries import names_of, url_of


@dataclass(frozen=True)
class WaitingRun:
    """A run that waits for approval: its question, and the address of its plan."""

    subject: ApprovalSubject
    link: str


def question(run: str) -> WaitingRun:
    """Return the question of the run. Raises InvalidRequest if it has none."""
    return asyncio.run(_question(run))


async def _question(run: str) -> WaitingRun:
    async with get_client() as client:
        found = await _waiting(client, run)
        return WaitingRun(await _subject(client, found), url_of(found.id))


async def _subject(client: PrefectClient, run: FlowRun) -> ApprovalSubject:
    key = run.state.state_details.pause_key if run.state else None
    inputs = await client.filter_flow_run_input(run.id, f"{key}-subject", 1, set())
    if not inputs:
        raise InvalidRequest(f"{run.name} is paused, but does not wait for an approval of ours.")
    return read_question(str(key), inputs[0].value)


def answer(run: str, fields: dict[str, Any], digest: str) -> str:
    """Resume or end the run according to the answer; return one sentence about it.

    Raises InvalidRequest, also if its question no longer has the `digest` that was shown.
    """
    return asyncio.run(_answer(run, fields, digest))


async def _answer(run: str, fields: dict[str, Any], digest: str) -> str:
    async with get_client() as client:
        found = await _waiting(client, run)
        if (await _subject(client, found)).digest != digest:
            raise InvalidRequest(f"Nothing is approved: {found.name} now has another question.")
        said = await client.resume_flow_run(found.id, run_input=fields)
        if said.status is not SetStateStatus.ACCEPT:
            raise InvalidRequest(
                f"The answer to {found.name} was not accepted: {getattr(said.details, 'reason', said.status)}",
                remedy="A deletion is approved with --type REGISTRY.",
            )
    done = "rejected" if fields["decision"] == Decision.REJECT else "approved"
    return f"{done}: {found.name}, by {fields['name']}"


async def _waiting(client: PrefectClient, run: str) -> FlowRun:
    """Return the waiting run with this id or name. Raises InvalidRequest for none, or more than one."""
    try:
        found = [await client.read_flow_run(UUID(run))]
    except ObjectNotFound:
        found = []
    except ValueError:
        paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
        filters = [FlowRunFilter(name=name, state=paused) for name in names_of(run)]
        found = [each for one in filters for each in await client.read_flow_runs(flow_run_filter=one)]
    waiting = [each for each in found if each.state_type is StateType.PAUSED]
    if len(waiting) != 1:
        which = ", ".join(str(each.id) for each in waiting)
        raise InvalidRequest(
            f"{len(waiting)} runs called {run} wait for approval: {which}"
            if which
            else f"No run {run} waits for approval",
            remedy="Give the id of one of them." if which else "`acr-relocate runs` lists waiting runs.",
        )
    return waiting[0]
