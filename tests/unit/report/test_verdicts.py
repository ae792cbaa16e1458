"""The last line of each command and its exit status: the situations that people meet, none of which says too much."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from acr_relocate.core.approval.decision import Approval, ApprovalNeeded, ApprovalSubject, Decision
from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_plan import ImportPlan, TagConflict, needed
from acr_relocate.core.content.import_preview import preview
from acr_relocate.core.content.locks import AttributeChange
from acr_relocate.core.errors import Failure, InvalidRequest, NotFound, NotRelocated
from acr_relocate.core.findings import Finding
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan.estimate import MeasuredTimes
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.plan.planned_writes import PlannedChanges
from acr_relocate.core.report.plan_page import plan_document
from acr_relocate.core.report.report import (
    ImportSummary,
    LeftToPeople,
    PhaseResult,
    PhaseStatus,
    RehearsalResult,
    Report,
)
from acr_relocate.core.report.summary import LINES, SUMMARY_COLUMNS, plan_summary
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import Difference
from deployments.commands.flow_runner import RunResult
from deployments.commands.results import Result, Shown, manual_steps_of
from deployments.commands.run_command import exit_status
from tasks.runs.run_report import RunReport
from tests.support.builders import LOCKED, content, image, registry, repository, request

WANT = content(repository("app", image("a", size=5_000_000), v1="a"))
DECISION = Finding(code="quarantined", severity="decision", message="app is in quarantine.", remedy="Release it.")
REQUIRED = Finding(code="target_not_handed_over", severity="decision", message="It exists.", required=True)
BLOCKER = Finding(code="selection_is_empty", severity="blocker", message="The selection matches nothing.")
DONE = PlannedChanges(in_place=True, group_exists=True, target_exists=True)
STEP = LeftToPeople(what="AKS cluster aks", why="update its workloads", how="az aks show --name aks")
MISSING = Difference(
    kind="tag", repository="app", subject="v1", source="sha256:1", target="", message="app:v1 is missing"
)
FAILURE = Failure(code="ImportRefused", message="The image has foreign layers.")
SUBJECT = ApprovalSubject(stage=Stage.BEFORE_DEPLOY, question="Relocate?", facts={})
MEASURED = RehearsalResult(
    id="0a1b2c3d", times=MeasuredTimes(import_seconds=2.0, bytes_a_second=5_000_000, deploy_seconds=40.0)
)
STOPPED = NotRelocated("not relocated")
NO = Approval(
    stage=Stage.BEFORE_DEPLOY,
    subject="0f" * 8,
    decision=Decision.REJECT,
    by="Bob",
    at=datetime(2026, 11, 30, tzinfo=UTC),
)


def plan(*findings: Finding, foreseen: PlannedChanges | None = None) -> Plan:
    imports = needed(WANT, content(), Selection()) if foreseen is None else ImportPlan(already_there=1)
    return build(request(), registry(), WANT, imports, findings, foresight=foreseen or PlannedChanges())


def report(flow: str, verdict: str, **fields: Any) -> Report:
    defaults = {
        "plan_id": "0123456789ab",
        "embedded": False,
        "source_id": request().source.resource_id,
        "target_id": request().target_id,
    }
    return Report.model_validate(defaults | {"flow": flow, "verdict": verdict} | fields)


def verified(summary: str = "no difference in 421 tags and 345 manifests") -> tuple[PhaseResult, ...]:
    return (PhaseResult(name="verify", status="done", summary=summary, seconds=1),)


def steps(*statuses: PhaseStatus) -> tuple[PhaseResult, ...]:
    """The phases of a rehearsal; the approval is no step."""
    asked = PhaseResult(name="approval before rehearsal", status="done")
    return (asked, *(PhaseResult(name=f"step {n}", status=status) for n, status in enumerate(statuses, start=1)))


class Situation(NamedTuple):
    """Each situation, its last line, and its exit status."""

    result: Result | None
    last_line: str
    status: int
    error: Exception | None = None


SITUATIONS = {
    "a plan of something new": Situation(plan(), "planned: 3 changes", 0),
    "a plan with decisions that stop nothing": Situation(plan(DECISION), "planned: 3 changes, 1 optional decision", 0),
    "a plan with a decision that stops a run": Situation(
        plan(DECISION, REQUIRED), "planned: 1 required decision, then 3 changes, 1 optional decision", 0
    ),
    "a plan of what is finished": Situation(plan(foreseen=DONE), "planned: no changes", 0),
    "a finished one, decisions open": Situation(plan(DECISION, foreseen=DONE), "planned: no changes", 0),
    "a selection that matches nothing": Situation(plan(BLOCKER), "planned: blocked, 1 blocker", 1),
    "a dry run": Situation(preview(request(), WANT, content()), "planned: 1 import", 0),
    "a dry run with nothing missing": Situation(preview(request(), WANT, WANT), "planned: no changes", 0),
    "a run of a selection that matches nothing": Situation(
        report("relocate", "blocked", findings=(BLOCKER,)), "blocked: 1 blocker, nothing was changed", 1, STOPPED
    ),
    "a run, all done": Situation(report("relocate", "relocated"), "relocated: nothing left to do", 0),
    "a run with work for people": Situation(
        report("relocate", "relocated", left_to_people=(STEP,) * 15, findings=(DECISION,) * 3),
        "relocated: 15 manual steps and 3 decisions open",
        0,
    ),
    "a run whose cut-over is for later": Situation(
        report("relocate", "prepared", left_to_people=(STEP,)),
        "prepared: the cut-over is still to come; 1 manual step open",
        0,
    ),
    "a run with failures and differences": Situation(
        report("relocate", "not_relocated", failures=(FAILURE,) * 2, differences=(MISSING,)),
        "not relocated: 2 failures, 1 difference",
        1,
        STOPPED,
    ),
    "a run that a person rejected": Situation(
        report("relocate", "not_relocated", approvals=(NO,)),
        "not relocated: rejected by Bob before deploy",
        1,
        STOPPED,
    ),
    "a run that waits for approval": Situation(
        report("relocate", "not_relocated"),
        f"waiting: approval before deploy, digest {SUBJECT.digest}",
        3,
        ApprovalNeeded(SUBJECT),
    ),
    "a sync that copied": Situation(
        report("sync", "copied", imports=ImportSummary(total=3, created=3, tags=4)),
        "copied: 3 images, 4 tags",
        0,
    ),
    "a sync with nothing to do": Situation(report("sync", "in_sync"), "in sync: nothing to import", 0),
    "a sync with a conflict and a broken image": Situation(
        report(
            "sync",
            "not_copied",
            conflicts=(TagConflict(repository="a", tag="v", source_digest="sha256:1", target_digest="sha256:2"),),
            blocked=(BrokenArtifact(repository="a", digest="sha256:1", tags=(), reason="r", remedy="r"),),
        ),
        "not copied: 1 conflict, 1 artifact broken at the source",
        1,
        STOPPED,
    ),
    "a comparison without differences": Situation(
        report("verify", "equal", phases=verified()), "equal: no difference in 421 tags and 345 manifests", 0
    ),
    "a comparison with one": Situation(
        report("compare", "different", differences=(MISSING,)), "different: 1 difference", 1, STOPPED
    ),
    "a comparison that failed": Situation(
        report("verify", "not_compared", failures=(FAILURE,)), "not compared: 1 failure", 1, STOPPED
    ),
    "a rehearsal": Situation(
        report("rehearse", "rehearsed", phases=steps("done", "done", "nothing_to_do"), rehearsal=MEASURED),
        "rehearsed: 2 steps taken, 1 had nothing to do, 0 refused",
        0,
    ),
    "a rehearsal that Azure refused something": Situation(
        report(
            "rehearse",
            "not_rehearsed",
            phases=steps("done", "done"),
            failures=(FAILURE,) * 2,
            differences=(MISSING,),
            rehearsal=MEASURED,
        ),
        "rehearsed: 2 steps taken, 2 refused, 1 difference",
        1,
        STOPPED,
    ),
    "a rehearsal that a policy stopped": Situation(
        report("rehearse", "not_rehearsed", phases=steps("done", "failed", "done"), failures=(FAILURE,)),
        "rehearsal stopped: step 2, ImportRefused",
        1,
        STOPPED,
    ),
    "a rehearsal whose plan is blocked": Situation(
        report("rehearse", "blocked", phases=steps("done", "not_reached"), findings=(BLOCKER,)),
        "rehearsal stopped: step 2, 1 blocker",
        1,
        STOPPED,
    ),
    "a roll-back": Situation(
        report("discard", "discarded", cut_over=(Outcome(kind="removed", subject="registry"),) * 14),
        "discarded: 14 resources removed",
        0,
    ),
    "a roll-back of nothing": Situation(report("discard", "discarded"), "discarded: nothing was left of it", 0),
    "a switch back": Situation(
        report("switch-back", "switched_back", cut_over=(Outcome(kind="removed", subject="app"),) * 2),
        "switched back: 2 dependents",
        0,
    ),
    "a switch back of what somebody changed": Situation(
        report(
            "switch-back",
            "switched_back",
            cut_over=(Outcome(kind="removed", subject="app"), Outcome(kind="skipped", subject="job")),
        ),
        "switched back: 1 dependent, 1 dependent left",
        0,
    ),
    "a switch back with nothing to do": Situation(
        report("switch-back", "switched_back"), "switched back: no dependent was switched", 0
    ),
    "a switch back that failed": Situation(
        report("switch-back", "not_switched_back", failures=(FAILURE,)), "not switched back: 1 failure", 1, STOPPED
    ),
    "a deletion": Situation(report("delete-source", "deleted"), "deleted: contosoregistry", 0),
    "a deletion that somebody's pulls forbid": Situation(
        report("delete-source", "blocked", findings=(BLOCKER,) * 2),
        "blocked: 2 blockers, nothing was changed",
        1,
        STOPPED,
    ),
    "a relocation whose source may not be deleted yet": Situation(
        report("relocate", "blocked", findings=(BLOCKER,), phases=(PhaseResult(name="consumers", status="failed"),)),
        "relocated, not deleted: 1 blocker, nothing was changed",
        1,
        STOPPED,
    ),
}


def ended(situation: Situation, *, has_begun: bool = True) -> RunResult:
    return RunResult(result=situation.result, error=situation.error, has_begun=has_begun)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_last_line_and_the_exit_status(name: str) -> None:
    """At most 15 lines of 80 columns, the verdict last."""
    situation = SITUATIONS[name]
    result = ended(situation)
    assert situation.result is not None
    lines = Shown(situation.result).summary([("Report", "/home/someone/.local/state/report.txt")]).splitlines()

    assert (result.waits_for or lines[-1], exit_status(result)) == (situation.last_line, situation.status)
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= SUMMARY_COLUMNS


@pytest.mark.parametrize(
    ("error", "status"),
    [(InvalidRequest("no"), 2), (NotFound("no such registry"), 2), (NotRelocated("no"), 1), (ValueError("no"), 1)],
)
def test_what_ends_before_it_begins(error: Exception, status: int) -> None:
    """A registry that does not exist is bad input, as a field that does not exist is."""
    assert exit_status(RunResult(error=error)) == status


def test_an_interruption_has_a_status_of_its_own() -> None:
    """As shells have it for Ctrl-C."""
    assert exit_status(RunResult(interrupted=True)) == 130


def test_a_long_summary_keeps_its_places_and_its_verdict() -> None:
    """However much there is to say: what is cut is in the report, whose path is whole."""
    many = tuple(Finding(code=f"c{n}", severity="blocker", message="x" * 300) for n in range(40))
    path = "/home/someone/" + "y" * 90
    lines = Shown(plan(*many, *[DECISION] * 9)).summary([("Report", path)]).splitlines()

    assert len(lines) <= LINES
    assert f"Report: {path}" in lines
    assert lines[-1] == "planned: blocked, 40 blockers"


def test_a_run_stops_for_a_decision_without_a_default() -> None:
    """The plan goes on without it, and so does a run with a decision that has a default."""
    log = RunReport(request(), "relocate", (), embedded=False)

    log.planned(plan(DECISION))
    with pytest.raises(NotRelocated, match="blocked by 1 finding: target_not_handed_over"):
        log.planned(plan(DECISION, REQUIRED))


def test_the_counts_of_a_plan_add_up_to_its_verdict() -> None:
    """Resources, imports and locks: what a reader sums is the number in the last line."""
    change = AttributeChange(repository="app", reference="v1", attributes=LOCKED)
    locks = PlannedChanges(locks=(change, change.model_copy(update={"reference": "v2"})))
    imports = needed(WANT, content(), Selection())
    counted = build(request(), registry(), WANT, imports, (), foresight=locks)
    [line] = [line for line in plan_summary(counted).splitlines() if line.startswith("Changes:")]

    assert sum(int(number) for number in re.findall(r"(\d+) to ", line)) == counted.changes


def test_a_decision_is_named_by_its_resource_and_its_default() -> None:
    """Both fit one line, whatever the length of the sentence in the report."""
    subnet = f"{request().target_id}/providers/Microsoft.Network/virtualNetworks/v/subnets/apps"
    decision = DECISION.model_copy(update={"code": "virtual_network_rule_without_mapping", "resource": subnet})

    assert "  - subnets/apps: the network rule is left out" in plan_summary(plan(decision)).splitlines()


def test_a_rehearsal_leaves_no_manual_steps() -> None:
    """Its registries are gone: their steps would take the place of those of the relocation, in the script as well."""
    rehearsed = report("rehearse", "rehearsed", rehearsal=MEASURED, left_to_people=(STEP,))

    assert manual_steps_of(rehearsed) == ""
    assert "Manual steps" not in Shown(rehearsed).summary([])
    assert manual_steps_of(report("relocate", "relocated", left_to_people=(STEP,)))


def test_a_plan_without_changes_says_no_times() -> None:
    """Nothing has to be imported, so nothing takes time and no method is recommended."""
    finished = plan_document(plan(foreseen=DONE), embedded=False)

    assert "Time and downtime" not in [section.title for section in finished.sections]
    assert "recommended" not in dict(finished.facts)
