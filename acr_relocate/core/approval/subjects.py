"""The subject of the approval at each stage of a relocation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from acr_relocate.core.approval.decision import SHOWN, ApprovalSubject, fingerprint, flatten_json
from acr_relocate.core.checks.decision_defaults import decision_default
from acr_relocate.core.content.import_ledger import DeletedTag
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.plan.steps import count_changes
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.wording import plural

# Written by Azure: times of changes, not settings.
VOLATILE: Final = frozenset({"creationDate", "lastUpdatedTime", "provisioningState", "lastUpdatedTimestamp"})
# Options of the execution, without effect on the result.
MANNER: Final = frozenset({"concurrency", "import_timeout_minutes", "approvals"})


def deployment_of(plan: Plan) -> ApprovalSubject:
    """Return the subject to approve before any change: the plan. Its words say nothing of the amount of content."""
    move = f"{plan.source.name} to {plan.request.target.name} in {plan.request.target.location}"
    changes = plural(count_changes(one for one in plan.steps if one.action != "import"), "change", none="no changes")
    decisions = plural(len(plan.decisions), "optional decision")
    return ApprovalSubject(
        stage=Stage.BEFORE_DEPLOY,
        question=f"Relocate {move}? Plan {plan.plan_id}: {changes} beside the content, {decisions}.",
        facts=plan_facts(plan),
        summary=tuple(_plan_summary(plan)),
    )


def _plan_summary(plan: Plan) -> Iterator[str]:
    """Yield the planned creations, imports and changes, the decisions with defaults, and that nothing is deleted."""
    for step in plan.steps:
        if step.change != "nothing":
            also = ", with what is pushed until then" if step.action == "import" else ""
            yield f"{step.change} ({step.title.lower()}): {step.changes}{also}"
    yield f"Nothing is deleted, and {plan.source.name} is only read."
    for finding in plan.decisions[:SHOWN]:
        yield f"decision {finding.code}: {finding.message} Default: {decision_default(finding)}."
    if len(plan.decisions) > SHOWN:
        yield f"and {len(plan.decisions) - SHOWN} more decisions: see the plan"


def cut_over_of(actions: Iterable[CutOverAction], request: RelocationRequest) -> ApprovalSubject:
    """Return the subject to approve before the cut-over: the actions that are still to be done."""
    actions = tuple(actions)
    return ApprovalSubject(
        stage=Stage.BEFORE_CUT_OVER,
        question=f"Cut over from {request.source.name} to {request.target.name}? "
        f"{plural(len(actions), 'change')}; nothing is removed from {request.source.name}.",
        facts={
            "registries": {request.source.resource_id: "from", request.target_id: "to"},
            "what is done": {f"{action.kind} {action.subject}": action.what for action in actions},
        },
        summary=tuple(action.what for action in actions),
    )


def switch_back_of(switched: Iterable[SwitchedDependent], request: RelocationRequest) -> ApprovalSubject:
    """Return the subject to approve before dependents are switched back to the source."""
    switched = tuple(switched)
    return ApprovalSubject(
        stage=Stage.BEFORE_CUT_OVER,
        question=f"Switch {plural(len(switched), 'dependent')} back from {request.target.name} to "
        f"{request.source.name}?",
        facts={
            "registries": {request.target_id: "from", request.source.resource_id: "to"},
            "what is restored": {one.dependent_id: one.in_words for one in switched},
        },
        summary=tuple(f"{one.name}: {one.in_words}" for one in switched),
    )


def pruning_of(tags: Iterable[DeletedTag], request: RelocationRequest) -> ApprovalSubject:
    """Return the subject to approve before tags go that the selection leaves out."""
    tags = tuple(tags)
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Delete {plural(len(tags), 'tag')} at {request.target.name} that earlier imports brought and the "
        "selection leaves out? Their manifests stay.",
        facts={
            "registries": {request.source.resource_id: "from", request.target_id: "to"},
            "tags": {tag.name: tag.digest for tag in tags},
        },
        summary=tuple(f"delete {tag.name}" for tag in tags[:SHOWN])
        + ((f"and {len(tags) - SHOWN} more",) if len(tags) > SHOWN else ()),
    )


def plan_facts(plan: Plan) -> dict[str, dict[str, str]]:
    """Return the facts and results of a plan, by topic. A mere push changes none of them."""
    request = plan.request.model_dump(mode="json", exclude=set(MANNER))
    return {
        "plan": {plan.plan_id: ""},
        "request": flatten_json(request),
        f"settings of {plan.source.name}": settings(plan.source),
        "template": {"the target's template": fingerprint(plan.target.template)},
        "findings": {f"{f.code} {f.resource}".strip(): f.severity for f in plan.findings},
        "dependents": {
            f"{entry.label} {entry.name}": f"{entry.strategy}, {entry.action}"
            for entry in plan.dependencies.dependencies
        },
    }


def settings(registry: Registry) -> dict[str, str]:
    """Return every setting of a registry and its children by path, without the properties that Azure writes itself."""
    own = {"sku": registry.sku, "location": registry.location, **registry.properties}
    children = {
        f"{child.kind}/{child.name}": {"location": child.location, **child.properties} for child in registry.children
    }
    return flatten_json(_steady(own | children))


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(item) for key, item in value.items() if key not in VOLATILE}
    return [_steady(item) for item in value] if isinstance(value, list) else value
