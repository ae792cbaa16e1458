"""A rehearsal: what it makes around its relocation, and the removal of all of it, whatever ended it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from prefect import task

from acr_relocate.azure.changes import rehearsals
from acr_relocate.azure.changes.rehearsals import RehearsalGate
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.content import synthetic
from acr_relocate.azure.resources import deployments
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.core.errors import AccessDenied, RecordBroken
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.rehearsal.artifacts import MEBIBYTE, Kind, synthetic_artifacts
from acr_relocate.core.rehearsal.rehearsal import LIFETIME, Rehearsal
from acr_relocate.core.report.measured_times import measured_times
from acr_relocate.core.report.report import RehearsalResult
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.template import TargetTemplate
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE
from tasks.runs.cut_over_window import now
from tasks.runs.run_report import RunReport
from tasks.source_freeze import run_uncancelled

_PAUSES = (5.0, 15.0, 30.0)
"""Seconds before another attempt to clean up: a registry that is still being made cannot be deleted yet."""


def begin_rehearsal(source: Registry, request: RelocationRequest) -> Rehearsal:
    """Return a rehearsal with an id of its own, which begins now."""
    moment = now()
    return Rehearsal(
        id=token_hex(4),
        registry=source.name,
        home=normalise_location(source.location),
        subscription_id=source.subscription_id,
        location=request.target.location,
        target_subscription_id=request.target_subscription_id,
        begun_at=moment,
        expires_at=moment + LIFETIME,
    )


@asynccontextmanager
async def cleaned_up(rehearsal: Rehearsal, log: RunReport) -> AsyncIterator[None]:
    """Remove all that the rehearsal has made when the block ends, by whatever; let it change nothing else meanwhile."""
    async with azure():  # the connection outlives every failure inside, so that cleaning up finds it open
        try:
            with behind(RehearsalGate(rehearsal)):
                yield
        finally:
            await run_uncancelled(clean_up(rehearsal, log))


async def clean_up(rehearsal: Rehearsal, log: RunReport) -> None:
    """Remove the rehearsal, and report what could not be removed. No Prefect server is needed."""
    times = measured_times(log.import_outcomes, log.phases)
    async with log.phase("clean up"):
        cleaned = await remove_rehearsal(rehearsal)
        async with azure() as connection:
            calls_left = connection.budgets.fewest_left()
        log.rehearsed(RehearsalResult(id=rehearsal.id, times=times, calls_left=calls_left, cleaned=cleaned))
        removed = sum(outcome.kind == "removed" for outcome in cleaned)
        left = [outcome.subject for outcome in cleaned if not outcome.ok]
        rest = f"; left, see acr-relocate rehearse --clean {rehearsal.id}: {', '.join(left)}" if left else ""
        log.say(f"{removed} removed{rest}")


async def remove_rehearsal(rehearsal: Rehearsal) -> tuple[Outcome, ...]:
    """Remove what there is of the rehearsal, and nothing else; what may go a little later is tried again.

    Again: what is left by then.
    """
    async with azure() as connection:
        with behind(RehearsalGate(rehearsal)):
            cleaned = await rehearsals.clean(connection, rehearsal)
            for pause in _PAUSES:
                if not any(outcome.failure and outcome.failure.retryable for outcome in cleaned):
                    break
                await asyncio.sleep(pause)
                cleaned = await rehearsals.clean(connection, rehearsal)
    return cleaned


async def find_rehearsals() -> tuple[Rehearsal, ...]:
    """Find the rehearsals of which something is left, in all subscriptions that can be read."""
    async with azure() as connection:
        return await rehearsals.find_rehearsals(connection)


@task(name="find-left-rehearsals", task_run_name="find-left-rehearsals", **READ)
async def find_left_rehearsals() -> tuple[Rehearsal, ...]:
    """Find what earlier rehearsals have left; nothing where that cannot be read, which `doctor` says."""
    try:
        return await find_rehearsals()
    except (AccessDenied, RecordBroken):
        return ()


@task(name="record-rehearsal", task_run_name="record-rehearsal-{rehearsal.id}", **WRITE)
async def record_rehearsal(rehearsal: Rehearsal, tags: dict[str, str]) -> None:
    """Make both resource groups, with these tags and its own, and write the record into the first.

    Again: the same. On failure: what is there has the rehearsal's tag, and is removed.
    """
    async with azure() as connection:
        await rehearsals.record(connection, rehearsal, tags)


@task(name="make-small-source", task_run_name="make-small-source-{rehearsal.id}", **WRITE)
async def make_small_source(rehearsal: Rehearsal, template: TargetTemplate) -> None:
    """Deploy the small registry that stands for the source. Raises DeploymentFailed, PolicyViolation and the like.

    Again: the deployment is incremental. On failure: what was made is removed with the rehearsal.
    """
    name, group = f"acr-relocate-{rehearsal.id}", ResourceId(rehearsal.small_source).group
    where = DeploymentScope(rehearsal.subscription_id, group, name, rehearsal.tags)
    async with azure() as connection:
        await deployments.deploy(connection, where, template, rehearsal.small_source)


@task(name="make-consumer", task_run_name="make-consumer-{rehearsal.id}", **WRITE)
async def make_consumer(rehearsal: Rehearsal) -> Outcome:
    """Make an identity that may pull from the small source. Again: the same. On failure: the outcome says why not."""
    async with azure() as connection:
        return await rehearsals.make_consumer(connection, rehearsal)


@task(name="push-artifacts", task_run_name="push-artifacts-to-{login_server}", **WRITE)
async def push_artifacts(login_server: str, kinds: tuple[Kind, ...], large_mebibytes: int) -> None:
    """Push one artifact of each kind to the small source. Again: only what is missing. On failure: it goes with it."""
    async with azure() as connection:
        artifacts = synthetic_artifacts(kinds, large_mebibytes * MEBIBYTE)
        await synthetic.push_artifacts(connection.data_plane(login_server), artifacts)
