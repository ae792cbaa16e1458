"""A rehearsal: what it makes around its relocation, and the removal of all of it, whatever ended it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from prefect import task

from acr_relocate.azure.changes import rehearsal_trials, rehearsals
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
from acr_relocate.core.rehearsal.artifacts import MEBIBYTE, Kind, large_before, synthetic_artifacts
from acr_relocate.core.rehearsal.connected import Connected, Trial, source_locks
from acr_relocate.core.rehearsal.edited import small_template
from acr_relocate.core.rehearsal.rehearsal import LIFETIME, Rehearsal
from acr_relocate.core.rehearsal.requests import small_relocation
from acr_relocate.core.report.measured_times import measured_times, replica_effect
from acr_relocate.core.report.report import RehearsalResult
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.core.target.template import TargetTemplate
from acr_relocate.core.wording import plural
from acr_relocate.files import template_files
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE
from tasks.runs.cut_over_window import now
from tasks.runs.run_report import RunReport
from tasks.source_freeze import run_uncancelled

_PAUSES = (5.0, 15.0, 30.0)
"""Seconds before another attempt to clean up: a registry that is still being made cannot be deleted yet."""


_LATER: Final = "ScopeLocked"
"""Azure's code for some seconds after a lock was lifted."""


def begin_rehearsal(source: Registry, request: RelocationRequest, connected: Connected) -> Rehearsal:
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
        endpoints=len(connected.endpoints),
        settings=len(connected.settings),
        locks=connected.locks,
    )


@contextmanager
def request_for_small(
    request: RelocationRequest, rehearsal: Rehearsal, edited: dict[str, Any] | None, *, replica: bool
) -> Iterator[RelocationRequest]:
    """Have the request that relocates the small source, with the edited template for its target in a file."""
    with tempfile.TemporaryDirectory(prefix="acr-relocate-") as folder:
        template, file = TemplateFile(), Path(folder) / "template.json"
        if edited is not None:
            template_files.write_template(file, small_template(edited, request, rehearsal))
            template = template_files.identify(file)
        yield small_relocation(request, rehearsal, template, replica=replica)


async def try_all(rehearsal: Rehearsal, phase: str, trials: Iterable[Trial], why_none: str, log: RunReport) -> None:
    """Make each of these for a moment, as a phase of the report; a refusal is a failure there."""
    trials = tuple(trials)
    async with log.phase(phase):
        outcomes = [await try_resource(rehearsal, trial) for trial in trials]
        log.cut_over(outcomes)
        refused = sum(not outcome.ok for outcome in outcomes)
        said = f"{len(outcomes) - refused} made and removed" + (f", {plural(refused, 'refusal')}" if refused else "")
        log.say(said if trials else why_none, nothing_to_do=not trials)


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
        effect = replica_effect(log.import_outcomes)
        log.rehearsed(
            RehearsalResult(id=rehearsal.id, times=times, replica=effect, calls_left=calls_left, cleaned=cleaned)
        )
        removed = sum(outcome.kind == "removed" for outcome in cleaned)
        left = [outcome.subject for outcome in cleaned if not outcome.ok]
        rest = f"; left, see `acr-relocate rehearse --clean {rehearsal.id}`: {', '.join(left)}" if left else ""
        log.say(f"{removed} removed{rest}")


async def remove_rehearsal(rehearsal: Rehearsal) -> tuple[Outcome, ...]:
    """Remove what there is of the rehearsal, and nothing else; what may go a little later is tried again.

    Again: what is left by then.
    """
    async with azure() as connection:
        with behind(RehearsalGate(rehearsal)):
            cleaned = await rehearsals.clean(connection, rehearsal)
            for pause in _PAUSES:
                if not any(_may_go_later(outcome) for outcome in cleaned):
                    break
                await asyncio.sleep(pause)
                cleaned = await rehearsals.clean(connection, rehearsal)
    return cleaned


def _may_go_later(outcome: Outcome) -> bool:
    return bool(outcome.failure and (outcome.failure.retryable or outcome.failure.code == _LATER))


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
async def push_artifacts(login_server: str, kinds: tuple[Kind, ...], large_mebibytes: int, *, replica: bool) -> None:
    """Push one artifact of each kind to the small source, and a second large one to be imported before the replica.

    Again: only what is missing. On failure: it goes with it.
    """
    async with azure() as connection:
        large = large_mebibytes * MEBIBYTE
        artifacts = [*synthetic_artifacts(kinds, large), *([large_before(large)] if replica else [])]
        await synthetic.push_artifacts(connection.data_plane(login_server), artifacts)
        await synthetic.wait_until_listed(connection.data_plane(login_server), artifacts)


@task(name="lock-small-source", task_run_name="lock-small-source-{rehearsal.id}", **WRITE)
async def lock_small_source(rehearsal: Rehearsal) -> tuple[Outcome, ...]:
    """Put the levels of the source's locks on the small one. Again: the same. On failure: the outcome says why not."""
    async with azure() as connection:
        return await rehearsal_trials.put_locks(connection, rehearsal, source_locks(rehearsal))


@task(name="try-resource", task_run_name="try-{trial.subject}", **WRITE)
async def try_resource(rehearsal: Rehearsal, trial: Trial) -> Outcome:
    """Make the resource and remove it at once. Again: the same. On failure: the outcome says why Azure refused it."""
    async with azure() as connection:
        return await rehearsal_trials.try_resource(connection, rehearsal, trial)
