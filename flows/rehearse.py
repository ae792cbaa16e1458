"""Runbook: rehearse a relocation in your own subscription, before anything that matters is touched.

1. Read the source: its settings, and which kinds of artifacts it holds. It is only read.
2. Ask a person, who sees what is made, what that costs and which rights it takes.
3. Make two resource groups, tagged with their expiry, and record in the first what is going to be made.
4. Make a small registry shaped like the source in the source's region, with an identity that may pull from it. Push
   synthetic artifacts: one of each kind that the source holds, and a large one that tells bytes from calls.
5. Lock it as the source is locked.
6. Relocate it to the target's region as the request would the source: plan, redeploy, import, locks, cut-over, verify
   (flows/relocate.py). Make a private endpoint in each subnet and each diagnostic setting of the future target for a
   moment. Where the request or the source has a replica there: import one large artifact before it is made, and all
   others by way of it.
7. Remove all of it, also after a failure or an interruption: by the names in the record, and nothing else.
8. Report which steps Azure took and refused, each refusal with its code, place and remedy; and the times measured.

Source, target and dependents are never written to: each write is let through only if it is to the rehearsal's own.
Again: another rehearsal. On failure: everything is removed; after a kill, by `acr-relocate rehearse --clean`.
"""

from typing import Any

from prefect import flow

from acr_relocate.core.checks.pending import pending_findings
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.rehearsal.artifacts import LARGE_BEFORE, LARGE_MEBIBYTES
from acr_relocate.core.rehearsal.connected import endpoint_trials, setting_trials, undeletable
from acr_relocate.core.rehearsal.question import rehearsal_of
from acr_relocate.core.rehearsal.rehearsal import Rehearsal, left_behind
from acr_relocate.core.rehearsal.requests import small_source_template
from acr_relocate.core.rehearsal.shape import SourceShape, source_shape
from acr_relocate.core.report.measured_times import IMPORTED_FIRST, with_arrivals
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.wording import plural
from flows.import_images import bring_content, replay_locks
from flows.plan import compute_plan
from flows.relocate import RELOCATION_PHASES, cut_over_and_verify, redeploy
from tasks.deployment import read_edited_template
from tasks.evidence import read_locks
from tasks.inventory import accept_request, list_content, look_at_content, read_registry
from tasks.rehearsal import (
    begin_rehearsal,
    cleaned_up,
    find_left_rehearsals,
    lock_small_source,
    make_consumer,
    make_small_source,
    push_artifacts,
    record_rehearsal,
    request_for_small,
    try_all,
)
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_replica import near_source
from tasks.source_restore import find_pending_restores

_MAKING = ("record", "make", "push", "management locks")
_ENDPOINTS, _SETTINGS = "private endpoints", "diagnostic settings"
_AT = RELOCATION_PHASES.index("deploy") + 1
_PHASES = (
    *("source", *_MAKING, *RELOCATION_PHASES[:_AT]),
    *(_ENDPOINTS, _SETTINGS, *RELOCATION_PHASES[_AT:], "clean up"),
)


@flow(
    name="rehearse",
    flow_run_name=keep_typed_name("rehearse-{request.source.name}-to-{request.target.location}"),
    on_failure=[report_refusal],
)
@says_verdict
async def rehearse_relocation(request: RelocationRequest, large_mebibytes: int = LARGE_MEBIBYTES) -> Report:
    """Carry the relocation out once on a small registry, and remove all of it.

    Args:
        request: The relocation that is to be rehearsed.
        large_mebibytes: The size of the large artifact, in MiB.

    """
    request = await accept_request(request)
    alone = request.model_copy(update={"approvals": []})
    async with phased_run(alone, "rehearse", _PHASES, reads_only=True) as log:
        edited = await read_edited_template(request)
        source, shape = await look_at_source(request, edited, log)
        await log.approval(rehearsal_of(source, request, shape, large_mebibytes))
        rehearsal = begin_rehearsal(source, request, shape.connected)
        async with cleaned_up(rehearsal, log):
            await make_all(rehearsal, source, shape, request, log)
            await push_all(rehearsal, shape, large_mebibytes, log)
            await lock_as_source(rehearsal, log)
            with request_for_small(request, rehearsal, edited, replica=shape.replica) as small:
                await relocate_small(small, rehearsal, shape, log)
        return await log.conclude("rehearsed")


async def look_at_source(
    request: RelocationRequest, edited: dict[str, Any] | None, log: RunReport
) -> tuple[Registry, SourceShape]:
    """Return the source and its shape. Raises NotRelocated if what is made could not be removed again."""
    async with log.phase("source"):
        source = await read_registry(request.source)
        places = (source.id, f"/subscriptions/{request.target_subscription_id}")
        content, locks = await look_at_content(source.login_server, request), await read_locks(places)
        log.obstructed(undeletable(locks, source.name))
        shape = source_shape(source, content, locks, request, edited)
        log.found(pending_findings(source.id, content, await find_pending_restores(request)))
        log.found(left_behind(await find_left_rehearsals(), source.name))
        log.say(f"{source.sku} in {source.location}, {plural(len(shape.kinds), 'kind')} of artifacts")
    return source, shape


async def make_all(
    rehearsal: Rehearsal, source: Registry, shape: SourceShape, request: RelocationRequest, log: RunReport
) -> None:
    """Record the rehearsal, make the small source, and an identity that may pull from it."""
    async with log.phase("record"):
        await record_rehearsal(rehearsal, source.tags)
        log.say(f"rehearsal {rehearsal.id}, expires {rehearsal.expires_at:%Y-%m-%d %H:%M} UTC")
    async with log.phase("make"):
        await make_small_source(rehearsal, small_source_template(source, request, rehearsal, replica=shape.replica))
        log.cut_over([await make_consumer(rehearsal)])


async def push_all(rehearsal: Rehearsal, shape: SourceShape, large_mebibytes: int, log: RunReport) -> None:
    """Push the synthetic artifacts to the small source."""
    async with log.phase("push"):
        small = await read_registry(RegistryRef(name=rehearsal.small_source))
        await push_artifacts(small.login_server, shape.kinds, large_mebibytes, replica=shape.replica)
        log.say(f"{', '.join(shape.kinds)} ({large_mebibytes} MiB)")


async def lock_as_source(rehearsal: Rehearsal, log: RunReport) -> None:
    """Put the source's management locks on the small source, which the relocation replays at its target."""
    async with log.phase("management locks"):
        log.cut_over(await lock_small_source(rehearsal) if rehearsal.locks else ())
        log.say(", ".join(rehearsal.locks) or "the source has none", nothing_to_do=not rehearsal.locks)


async def import_before_replica(request: RelocationRequest, shape: SourceShape, log: RunReport) -> None:
    """Import a large and a small artifact while the source has no replica in the target's region, to be compared."""
    if shape.replica:
        alone = request.model_copy(update={"selection": Selection(repositories=[LARGE_BEFORE, IMPORTED_FIRST])})
        await bring_content(alone, log)


async def measure_imports(request: RelocationRequest, log: RunReport) -> None:
    """Take the times of the large imports from the target, which says when each manifest arrived."""
    target = await read_registry(target_ref(request))
    log.import_outcomes = with_arrivals(log.import_outcomes, await list_content(target.login_server, request))


async def relocate_small(request: RelocationRequest, rehearsal: Rehearsal, shape: SourceShape, log: RunReport) -> None:
    """Relocate the small source as the request relocates the source, and compare both sides."""
    plan = await compute_plan(request, log)
    log.planned(plan)
    await redeploy(plan, log)
    connected = shape.connected
    await try_all(rehearsal, _ENDPOINTS, endpoint_trials(rehearsal, connected), connected.why_none(_ENDPOINTS), log)
    await try_all(rehearsal, _SETTINGS, setting_trials(rehearsal, connected), connected.why_none(_SETTINGS), log)
    await import_before_replica(request, shape, log)
    async with near_source(request, log):
        content = await bring_content(request, log)
    await measure_imports(request, log)
    await replay_locks(request, content, log)
    await cut_over_and_verify(request, log)
