"""Divide an import: each part is a run of its own, executed by the workers of the Prefect server.

The parts share the lease of the parent run, and Azure's rate limits through Azure's reports of the remainder
(azure/client/rate_limits.py). Nothing depends on a single part: the parent run imports what the parts did not.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelling

from acr_relocate.azure.changes.registry_lease import PartGate
from acr_relocate.azure.client.write_gate import behind, hold_registry
from acr_relocate.core.errors import AccessDenied, InvalidRequest, NotRelocated
from acr_relocate.core.registry.lease import is_claim
from acr_relocate.core.report.report import ImportSummary
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.runs.artifacts import ignore_server_errors
from tasks.runs.queries import NOT_BEGUN, read_reports
from tasks.runs.registry_lock import GONE, LEASE_SECONDS, LOCK_RENEWAL_SECONDS

PART_DEPLOYMENT: Final = "import-part/worker-import-part"
WORKER_LOOK_SECONDS: Final = 5.0
BEGINS_WITHIN: Final = 600.0
"""Seconds that parts wait for a worker while none of them runs; then the parent run imports alone. Workers may all be
occupied by runs that wait for parts of their own."""

LEFT: Final = "The parent import no longer waits for this part."
WAITING: Final = {StateType.SCHEDULED, StateType.PENDING}


async def require_workers(request: RelocationRequest) -> None:
    """Raise InvalidRequest, before any call to Azure, if the import is to be divided and the server has no workers."""
    if request.workers == 1:
        return
    async with get_client() as client:
        try:
            await client.read_deployment_by_name(PART_DEPLOYMENT)
        except ObjectNotFound:
            raise InvalidRequest(
                f"workers: {request.workers} runs need workers, and the Prefect server {client.api_url} has no "
                f"deployment {PART_DEPLOYMENT}",
                remedy="Register it with `acr-relocate deploy` and start workers, or leave `workers` out.",
            ) from None


async def import_by_workers(parts: Sequence[RelocationRequest], turn: UUID) -> list[ImportSummary]:
    """Run each part in a run of its own, and return the summaries of their imports.

    If this run is cancelled, so are the parts. If it is killed, their writes end with its claim, within a minute.
    """
    claim = await _claim(parts[0])
    runs = [await _begin(part, number, turn, claim) for number, part in enumerate(parts, start=1)]
    ids = [run.id for run in runs]
    async with get_client() as client:
        try:
            await _until_over(client, ids)
        finally:
            for run in await _open(client, ids):
                await ignore_server_errors(
                    client.set_flow_run_state(run.id, Cancelling(message="The parent stopped waiting."), force=True)
                )
    reports = await ignore_server_errors(read_reports(ids)) or {}
    return [report.imports for report in reports.values()]


async def _claim(part: RelocationRequest) -> str:
    """Return the claim in Azure by which this run has the target; empty where it may claim nothing there."""
    try:
        return await hold_registry(part.target_id)
    except AccessDenied:
        return ""


@asynccontextmanager
async def share_lease(request: RelocationRequest, lease: UUID, claim: str) -> AsyncIterator[None]:
    """Use the registries of the parent run: in Azure as long as the parent's claim lives.

    Args:
        request: This part.
        lease: The lease of the parent at the Prefect server.
        claim: The id of the parent's claim at the target; empty if it has none.

    Raises NotRelocated if the parent no longer has the registries.

    """
    async with azure() as connection, get_client() as client:
        gate = PartGate(connection, request.target_id, claim) if claim else None
        if gate and not is_claim(claim, request.target_id):
            raise _without_parent()
        try:
            await client.renew_concurrency_lease(lease, LEASE_SECONDS)
        except PrefectHTTPStatusError as error:
            if error.response.status_code != GONE:
                raise
            raise _without_parent() from None
        keeper = asyncio.create_task(_keep(client, lease))
        try:
            with behind(gate):
                yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])


def _without_parent() -> NotRelocated:
    return NotRelocated(
        "The parent import of this run has ended.",
        code="PartWithoutWhole",
        remedy="Run the import itself again: it divides the missing images.",
    )


async def _begin(part: RelocationRequest, number: int, turn: UUID, claim: str) -> FlowRun:
    parameters = {"request": part.model_dump(mode="json"), "number": number, "turn": str(turn), "claim": claim}
    return await arun_deployment(PART_DEPLOYMENT, parameters=parameters, timeout=0)


async def _until_over(client: PrefectClient, ids: list[UUID]) -> None:
    """Wait until all have ended, or until none has begun for too long."""
    began = time.monotonic()
    while still := await _open(client, ids):
        if any(run.state_type not in WAITING for run in still):
            began = time.monotonic()
        elif time.monotonic() - began > BEGINS_WITHIN:
            return
        await asyncio.sleep(WORKER_LOOK_SECONDS)


async def _open(client: PrefectClient, ids: list[UUID]) -> list[FlowRun]:
    runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids)))
    return [run for run in runs if run.state is None or not run.state.is_final() or run.state.name == NOT_BEGUN]


async def _keep(client: PrefectClient, lease: UUID) -> None:
    """Renew the lease as long as the server knows it; if not, the parent run takes a new one."""
    while True:
        await asyncio.sleep(LOCK_RENEWAL_SECONDS)
        await ignore_server_errors(client.renew_concurrency_lease(lease, LEASE_SECONDS))
