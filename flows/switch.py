"""Runbook: switch dependents to the target, and back ("update development and deployment systems").

At the end of a cut-over, if the request says so and the registries are equal:
1. Read the dependents again. Only the announced ones are switched; those of a killed run are finished.
2. For each, so many at once: record its former value in Azure; let it run the target's images; wait until Azure says
   that it is healthy; take the source off its registries.
3. One that is refused or not healthy in time gets its former value again. The others go on, unless the request says
   otherwise.

Back, by `switch-back`: each recorded dependent gets its former value again, unless somebody has changed it since.
Again: a switched dependent is left alone. On failure: each dependent is switched, or as before, or has a record.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from prefect import flow

from acr_relocate.core.approval.subjects import switch_back_of
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.inventory import accept_request
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_restore import restore_source
from tasks.switching import RecordedSwitch, finish_switch, recorded_switches, restore_switched, switch_or_restore

SWITCH_PHASE = "switch dependents"
_PHASES = ("switch back",)
_Item = TypeVar("_Item")


@flow(
    name="switch-back",
    flow_run_name=keep_typed_name("switch-back-to-{request.source.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def switch_back(request: RelocationRequest, names: tuple[str, ...] = ()) -> Report:
    """Give each switched dependent its former value again: the source's images and registry entry.

    Args:
        request: The request of the relocation.
        names: The names of the dependents. Empty: all.

    """
    request = await accept_request(request)
    async with phased_run(request, "switch-back", _PHASES) as log:
        log.found(await restore_source(request))
        recorded = await recorded_switches(request)
        wanted = {name.lower() for name in names}
        chosen = [one for one in recorded if not wanted or one.former.name.lower() in wanted]
        if chosen:
            await log.approval(switch_back_of((one.former for one in chosen), request))
        await restore_all(request, chosen, log)
        return await log.conclude("switched_back")


async def restore_all(request: RelocationRequest, recorded: Iterable[RecordedSwitch], log: RunReport) -> None:
    """Give these dependents their former value again; the last one switched is the first."""
    async with log.phase("switch back"):
        outcomes = [await restore_switched(request, one) for one in reversed(tuple(recorded))]
        log.cut_over(outcomes)
        back = sum(one.kind == "removed" for one in outcomes)
        log.say(_in_words(outcomes, {"removed": "restored"}), nothing_to_do=not back)


async def switch_dependents(announced: tuple[CutOverAction, ...], request: RelocationRequest, log: RunReport) -> None:
    """Switch the announced dependents after a clean verification, and finish those of a killed run."""
    if not request.switch.enabled:
        return
    if not log.is_clean:
        log.skip((SWITCH_PHASE,), "waits, because something has failed or differs")
        return
    async with log.phase(SWITCH_PHASE):
        known = await recorded_switches(request)
        by_id = {one.former.dependent_id.lower(): one for one in known}
        named = {one.lower() for action in announced for one in action.about}
        rest = [one for one in known if one.former.dependent_id.lower() not in named]
        outcomes = [
            *await in_turns(rest, lambda one: finish_switch(request, one), request),
            *await in_turns(
                announced,
                lambda action: switch_or_restore(request, action, by_id.get(action.about[0].lower())),
                request,
            ),
        ]
        log.cut_over(outcomes)
        log.say(
            _in_words(outcomes, {"created": "switched"}),
            nothing_to_do=all(one.kind == "already_there" for one in outcomes),
        )


async def in_turns(
    items: Iterable[_Item], work: Callable[[_Item], Awaitable[Outcome]], request: RelocationRequest
) -> list[Outcome]:
    """Return the outcomes in order, so many at once; none is begun after a failure, if the request says so."""
    turns, has_failed = asyncio.Semaphore(request.switch.max_parallel), False

    async def one(item: _Item) -> Outcome | None:
        nonlocal has_failed
        async with turns:
            if has_failed and request.switch.stop_at_first_failure:
                return None
            outcome = await work(item)
            has_failed = has_failed or outcome.kind == "failed"
            return outcome

    return [outcome for outcome in await asyncio.gather(*map(one, items)) if outcome]


def _in_words(outcomes: Iterable[Outcome], words: dict[str, str]) -> str:
    kinds = [outcome.kind for outcome in outcomes]
    said = words | {"already_there": "there already", "skipped": "manual", "failed": "failed"}
    counts = (f"{kinds.count(kind)} {word}" for kind, word in said.items() if kind in kinds)
    return ", ".join(counts) or "nothing to do"
