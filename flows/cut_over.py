"""Runbook: let dependents of the source use the target ("Associate the dependent resources", "Configure AKS").

1. Read the dependents of the source again; plan the actions for each. If the request wants it, a person approves them.
2. Apply them, each as a task run. The failure of one does not stop the others. In the end, have a node of each
   cluster pull an image from the target: that proves role, network and content at once.
3. Compare both registries (flows/verify.py).
4. Only if they are equal: apply the deferred settings. Retention, soft delete, quarantine and export policy, triggered
   tasks, locks.
5. If the request says so, switch dependents to the target's images (flows/switch.py).

Nothing is removed from the source: both can be used until it is deleted.
Again: done actions are recognised and left alone. On failure: done actions stay, and another run continues.
"""

import asyncio
from itertools import groupby

from prefect import flow

from acr_relocate.core import cut_over as cut_overs
from acr_relocate.core.approval.subjects import cut_over_of
from acr_relocate.core.checks import Unknown
from acr_relocate.core.cut_over import CutOver, CutOverAction
from acr_relocate.core.dependencies import DependencyMap, build_map
from acr_relocate.core.errors import Failure
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from flows.switch import SWITCH_PHASE, switch_dependents
from flows.verify import compare_registries
from tasks.cut_over import carry_out, look_ahead
from tasks.dependencies import read_surroundings
from tasks.deployment import read_edited_template
from tasks.inventory import accept_request, look_at_content, read_registry, read_source
from tasks.runs.cut_over_window import require_window
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_restore import restore_source

_PHASES = ("cut over", "verify", "deferred settings")


@flow(
    name="cut-over",
    flow_run_name=keep_typed_name("cut-over-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def cut_over_dependents(request: RelocationRequest) -> Report:
    """Give everything that depends on the source access to the target.

    Args:
        request: The two registries, and the options of the cut-over.

    """
    request = await accept_request(request)
    phases = (*_PHASES, SWITCH_PHASE) if request.switch.enabled else _PHASES
    async with phased_run(request, "cut-over", phases) as log:
        require_window(request)
        log.found(await restore_source(request))
        drawn = await cut_over_verified(request, log)
        log.leave_to_people((await map_dependents(request, drawn)).manual)
        return await log.conclude()


async def cut_over_verified(request: RelocationRequest, log: RunReport) -> CutOver:
    """Give access, compare both registries, and do what waits for a clean comparison; return the actions."""
    drawn = await cut_over(request, log)
    await compare_registries(request, log, cut_over=True)
    await set_deferred(request, log)
    await switch_dependents(drawn.switches, request, log)
    return drawn


async def cut_over(request: RelocationRequest, log: RunReport) -> CutOver:
    """Apply the cut-over, and return its actions with the announced switches; failed actions are in the report."""
    target = await read_registry(target_ref(request))
    drawn = await plan_cut_over(request, await look_at_content(target.login_server, request))
    await approve_cut_over((*drawn.actions, *drawn.switches), log)
    async with log.phase("cut over"):
        await carry_out_all(drawn.actions, log)
    return drawn


async def approve_cut_over(actions: tuple[CutOverAction, ...], log: RunReport) -> None:
    """Get a person's approval of the pending actions, if the request wants it and there are any."""
    to_do = await look_ahead(actions)
    if to_do:
        await log.approval(cut_over_of((action for action in actions if action.id in to_do), log.request))


async def set_deferred(request: RelocationRequest, log: RunReport) -> None:
    """Apply the deferred settings after a clean verification; otherwise they stay deferred."""
    if not log.is_clean:
        log.skip(("deferred settings",), "waits, because the registries are not level")
        return
    async with log.phase("deferred settings"):
        drawn = await plan_cut_over(request)
        await carry_out_all(drawn.deferred, log)


async def plan_cut_over(request: RelocationRequest, held: Content | Unknown | None = None) -> CutOver:
    """Return the actions for the present dependents of the source. `held`: the target's content."""
    source, edited = await asyncio.gather(read_source(request), read_edited_template(request))
    content = held if isinstance(held, Content) else None
    return cut_overs.build_cut_over(source, await read_surroundings(source), request, edited, content)


async def map_dependents(request: RelocationRequest, drawn: CutOver) -> DependencyMap:
    """Return the present dependents of the source, with the manual steps that this cut-over leaves."""
    source = await read_source(request)
    return cut_overs.with_cut_over(build_map(source, await read_surroundings(source), request), drawn)


async def carry_out_all(actions: tuple[CutOverAction, ...], log: RunReport) -> None:
    """Apply every action, wave after wave."""
    outcomes: list[Outcome] = []
    for _, wave in groupby(actions, key=lambda action: action.wave):
        outcomes += await asyncio.gather(*map(_outcome, wave))
    log.cut_over(outcomes)
    log.say(_in_words(outcomes), nothing_to_do=all(outcome.kind == "already_there" for outcome in outcomes))


async def _outcome(action: CutOverAction) -> Outcome:
    state = await carry_out(action, return_state=True)  # type: ignore[misc] # Prefect's overload omits that it is awaitable
    outcome = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, Outcome):
        return outcome
    return Outcome(kind="failed", subject=action.subject, failure=Failure.of(outcome))


def _in_words(outcomes: list[Outcome]) -> str:
    kinds = [outcome.kind for outcome in outcomes]
    words = {"created": "done", "already_there": "there already", "skipped": "manual", "failed": "failed"}
    return ", ".join(f"{kinds.count(kind)} {word}" for kind, word in words.items() if kind in kinds) or (
        "nothing to do"
    )
