"""Cache rules and tasks of other registries to switch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, is_selected, target_server
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.registry.resource_types import TASKS
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.downstream_rules import RULES_API, STAR, facts_of_rule, fills_from
from acr_relocate.core.switching.downstream_tasks import WHY_LEFT, TaskNames, facts_of_task

_RENAMED = "repositories have other names at the target, which would have to change in it one by one"


def downstream_switches(cut: CutOverContext) -> Iterator[SwitchCandidate]:
    """Yield the selected cache rules and tasks of other registries that name the source."""
    for entry in readable_items(cut.scene.around.downstream):
        if "/tasks/" in str(entry["id"]).lower():
            if is_selected(cut, "downstream_task", entry):
                yield _task(cut, entry)
        elif fills_from(entry, cut.source.login_server) and is_selected(cut, "downstream_rule", entry):
            yield _rule(cut, entry)


def _rule(cut: CutOverContext, entry: Json) -> SwitchCandidate:
    path = str(entry["id"])
    facts = partial(
        facts_of_rule,
        entry,
        registry_id=cut.source.id,
        source_server=cut.source.login_server,
        target_server=target_server(cut),
    )
    several = str((entry.get("properties") or {}).get("sourceRepository")).endswith(STAR) and cut.request.names.rules
    return SwitchCandidate(
        kind="downstream_rule",
        path=path,
        call=ArmCall(method="PUT", path=path, api_version=RULES_API),
        facts=facts,
        look=_fills_from_target,
        refused=entry.get(WHY_LEFT) or (_RENAMED if several else ""),
    )


def _fills_from_target(former: SwitchedDependent) -> DoneWhen:
    """Return the test that the rule fills from the target."""
    call = ArmCall(method="GET", path=former.dependent_id, api_version=RULES_API)
    return DoneWhen(call=call, expected={"properties": {"sourceRepository": former.upstream_after}})


def _task(cut: CutOverContext, entry: Json) -> SwitchCandidate:
    path, names = str(entry["id"]), TaskNames(cut.source.login_server, cut.source.id)
    return SwitchCandidate(
        kind="downstream_task",
        path=path,
        call=ArmCall(method="PATCH", path=path, api_version=TASKS),
        facts=partial(facts_of_task, entry, names, registry_id=cut.source.id, target_server=target_server(cut)),
        look=_names_target,
        refused=entry.get(WHY_LEFT) or (_RENAMED if cut.request.names.rules else ""),
    )


def _names_target(former: SwitchedDependent) -> DoneWhen:
    """Return a test that is never satisfied: which of its texts name the source is seen when it is switched."""
    call = ArmCall(method="GET", path=former.dependent_id, api_version=TASKS)
    return DoneWhen(call=call, expected={"properties": {"namesTarget": True}})
