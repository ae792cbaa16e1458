"""An answer for a run that waits for approval, given through the Prefect server. Importing this takes 3 s."""

import asyncio
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound

from acr_relocate.core.errors import InvalidRequest


def answer(run: str, fields: dict[str, Any]) -> str:
    """The run goes on, or ends, as the answer says; one sentence about it. Raises InvalidRequest."""
    return asyncio.run(_answer(run, fields))


async def _answer(run: str, fields: dict[str, Any]) -> str:
    async with get_client() as client:
        found = await _waiting(client, run)
        said = await client.resume_flow_run(found.id, run_input=fields)
        if said.status is not SetStateStatus.ACCEPT:
            raise InvalidRequest(
                f"The answer to {found.name} was not accepted: {getattr(said.details, 'reason', said.status)}",
                remedy="A deletion is approved with --type REGISTRY.",
            )
    return f"{found.name}: {fields['decision']}, by {fields['name']}"


async def _waiting(client: PrefectClient, run: str) -> FlowRun:
    """The run with this id or name that waits. Raises InvalidRequest if there is none, or more than one."""
    try:
        found = [await client.read_flow_run(UUID(run))]
    except ObjectNotFound:
        found = []
    except ValueError:
        wanted = FlowRunFilter(
            name=FlowRunFilterName(any_=[run]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
        )
        found = await client.read_flow_runs(flow_run_filter=wanted)
    waiting = [each for each in found if each.state_type is StateType.PAUSED]
    if len(waiting) != 1:
        which = ", ".join(str(each.id) for each in waiting)
        raise InvalidRequest(
            f"{len(waiting)} runs called {run} wait for approval: {which}"
            if which
            else f"No run {run} waits for approval",
            remedy="Give the id of one of them." if which else "See acr-relocate runs for what waits.",
        )
    return waiting[0]
