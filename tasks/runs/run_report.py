"""The report of one run as it grows: its phases, and the result at its end, also on failure."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from prefect.runtime import flow_run

from acr_relocate.azure.client.errors import readable_answers
from acr_relocate.core.approval.decision import Approval, ApprovalNeeded, ApprovalRejected, ApprovalSubject
from acr_relocate.core.content.broken import unaccepted
from acr_relocate.core.content.import_ledger import DeletedTag
from acr_relocate.core.content.import_outcome import ImportOutcome, broken_by_import
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.content.missing_images import images_left_behind
from acr_relocate.core.dependencies import Dependency
from acr_relocate.core.errors import Failure, NotRelocated
from acr_relocate.core.findings import Finding
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.progress import Progress
from acr_relocate.core.report.import_summary import summarise_imports
from acr_relocate.core.report.report import (
    ImportSummary,
    LeftToPeople,
    PhaseResult,
    PhaseStatus,
    RehearsalResult,
    Report,
    Verdict,
    failed_verdict,
)
from acr_relocate.core.report.verdicts import because, remaining_verdict
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import plan_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import Design
from acr_relocate.core.verification import Difference, unclean
from acr_relocate.core.wording import plural
from tasks.connection import azure
from tasks.runs.approval import earlier_approvals, request_approval
from tasks.runs.artifacts import ignore_server_errors, mark_run, publish_report
from tasks.runs.cut_over_window import now
from tasks.runs.events import PhaseStarted, RunStarted, announce
from tasks.runs.metrics import count_throttled, exporting_metrics, record_differences, record_phase
from tasks.runs.registry_lock import lock_names, registry_lock
from tasks.runs.run_log import log_failure, log_phase, log_verdict


class RunReport:
    """The results of a run so far. `embedded`: whether Azure is the embedded one, for display only."""

    def __init__(self, request: RelocationRequest, flow: str, phases: tuple[str, ...], *, embedded: bool) -> None:
        self.request = request
        self.embedded = embedded
        self._planned = phases
        self._began = time.monotonic()
        self._phases: list[PhaseResult] = []
        self._said = ""
        self._nothing_to_do = False
        self._parts: tuple[ImportSummary, ...] = ()
        self.import_outcomes: tuple[ImportOutcome, ...] = ()
        self._report = Report(
            flow=flow,
            plan_id=plan_id(request),
            embedded=embedded,
            verdict=failed_verdict(flow),
            source_id=request.source.resource_id,
            target_id=request.target_id,
            rename=request.rename,
            started_at=_now(),
        )

    @asynccontextmanager
    async def phase(self, name: str) -> AsyncIterator[None]:
        """Run a phase: observers see its beginning and its end, the report gets its result."""
        began = time.monotonic()
        self._said, self._nothing_to_do = "", False
        announce(PhaseStarted(name))
        try:
            yield
        except ApprovalNeeded:
            self.say("waits for a decision")
            self._ended(name, "not_reached", began)
            raise
        except Exception as error:
            log_failure(name, error)
            self._ended(name, "failed", began)
            raise
        self._ended(name, "nothing_to_do" if self._nothing_to_do else "done", began)

    def say(self, summary: str, *, nothing_to_do: bool = False) -> None:
        """Set the result of the phase, in a few words."""
        self._said, self._nothing_to_do = summary, nothing_to_do

    def skip(self, phases: Iterable[str], summary: str) -> None:
        """Mark these phases as having nothing to do, for the reason given."""
        for name in phases:
            self._said = summary
            self._ended(name, "nothing_to_do", time.monotonic())

    def planned(self, plan: Plan) -> None:
        """Add the plan and its manual steps to the report. Raises NotRelocated if one stops a run."""
        self._note(
            findings=tuple(finding for finding in plan.findings if not finding.required),
            planned=tuple(step.model_copy(update={"calls": ()}) for step in plan.steps),
        )
        self.leave_to_people(plan.dependencies.manual)
        undecided = (finding.model_copy(update={"severity": "blocker"}) for finding in plan.required_decisions)
        self.obstructed((*plan.blockers, *undecided))

    def obstructed(self, obstacles: Iterable[Finding]) -> None:
        """Raise NotRelocated if there are obstacles; the report gets each finding."""
        obstacles = tuple(obstacles)
        if not obstacles:
            return
        self.found(obstacles)
        self._note(verdict="blocked")
        listed = "; ".join(f"{finding.code}: {finding.message}" for finding in obstacles)
        raise NotRelocated(
            f"This step is blocked by {plural(len(obstacles), 'finding')}: {listed}",
            code="Blocked",
            resource=self.request.source.resource_id,
            remedy="Do what each finding says, then run again.",
        )

    def left_out(self, target: Design) -> None:
        """Add the differences of the target that are impossible to avoid or not decided to the report."""
        self.found((*target.notes, *target.mappings))

    def leave_to_people(self, entries: Iterable[Dependency]) -> None:
        """Add the manual steps to the report, with their commands."""
        left = (
            LeftToPeople(what=f"{entry.label} {entry.name}", why=entry.action, how=entry.command) for entry in entries
        )
        self.left_before(left)

    def left_before(self, left: Iterable[LeftToPeople]) -> None:
        """Add manual steps, those of an earlier part of the run."""
        self._note(left_to_people=tuple(dict.fromkeys((*self._report.left_to_people, *left))))

    async def approval(self, subject: ApprovalSubject) -> None:
        """Get a person's approval of the next step if the request wants it; always for a deletion and a rehearsal.

        Raises Rejected or ApprovalNeeded; suspends a run of a deployment until there is an answer.
        """
        if subject.stage not in {*self.request.approvals, Stage.BEFORE_DELETE, Stage.BEFORE_REHEARSAL}:
            return
        async with self.phase(f"approval {subject.stage.words}"):
            try:
                approval = await request_approval(subject)
            except ApprovalRejected as rejected:
                self.approved(rejected.approval)
                raise
            self.approved(approval)
            self.say(f"approved by {approval.by}")

    def brought_in_parts(self, parts: Iterable[ImportSummary]) -> None:
        """Add the imports of the parts to the report."""
        self._parts = tuple(parts)

    def imported(self, plan: ImportPlan, outcomes: Iterable[ImportOutcome], progress: Progress) -> None:
        """Add the results of the imports to the report."""
        outcomes = tuple(outcomes)
        self.import_outcomes = (*self.import_outcomes, *outcomes)
        summary = summarise_imports(plan, outcomes, progress, self.phases)
        found_broken = broken_by_import(outcomes, self.request.accept_broken)
        broken = {one.digest for one in found_broken}
        failures = tuple(one.failure for one in outcomes if one.failure and one.item.digest not in broken)
        self._note(
            imports=summary.with_parts(self._parts),
            failures=self._report.failures + failures,
            conflicts=plan.conflicts,
            blocked=(*plan.blocked, *found_broken),
            left_behind=images_left_behind(plan, outcomes),
        )
        count_throttled(self.request, progress.throttled)
        self.say(f"{summary.created} imported, {summary.failed} failed", nothing_to_do=not outcomes)

    def rehearsed(self, result: RehearsalResult) -> None:
        """Add the times and removals of a rehearsal to the report; a removal that failed is a failure."""
        failures = tuple(outcome.failure for outcome in result.cleaned if outcome.failure)
        self._note(rehearsal=result, failures=self._report.failures + failures)

    def deleted_since(self, tags: Iterable[DeletedTag], pruned: Iterable[Outcome]) -> None:
        """Add tags that the source or the selection no longer has to the report, with their outcomes at the target."""
        tags, pruned, report = tuple(tags), tuple(pruned), self._report
        failures = tuple(outcome.failure for outcome in pruned if outcome.failure)
        self._note(deleted=report.deleted + tags, pruned=report.pruned + pruned, failures=report.failures + failures)

    def approved(self, approval: Approval) -> None:
        """Add the approval or rejection to the report, once."""
        self._note(approvals=tuple(dict.fromkeys((*self._report.approvals, approval))))

    def cut_over(self, outcomes: Iterable[Outcome]) -> None:
        """Add the outcomes of the cut-over to the report, failed ones to its failures."""
        outcomes = tuple(outcomes)
        failures = tuple(outcome.failure for outcome in outcomes if outcome.failure)
        self._note(cut_over=(*self._report.cut_over, *outcomes), failures=self._report.failures + failures)

    def compared(self, differences: tuple[Difference, ...]) -> None:
        """Add the result of the verification to the report."""
        self._note(differences=self._report.unexplained(differences))
        record_differences(self.request, len(self._report.differences))

    @property
    def is_clean(self) -> bool:
        """Return whether nothing has failed or differs so far."""
        report = self._report
        return not (report.failures or report.conflicts or unaccepted(report.blocked) or unclean(report.differences))

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return the differences found by the verification of this run."""
        return self._report.differences

    @property
    def phases(self) -> tuple[PhaseResult, ...]:
        """Return the phases that have ended."""
        return tuple(self._phases)

    async def conclude(self, verdict: Verdict | None = "relocated") -> Report:
        """Publish and return the report. Raises NotRelocated for any remainder. `verdict` None: copied, or in sync."""
        report, verdict = self._report, verdict or self._report.copied
        self._note(verdict=verdict if self.is_clean else failed_verdict(report.flow, report.differences))
        if not self.is_clean:
            raise NotRelocated(
                f"{remaining_verdict(report)}: {because(report)}.",
                code="NotRelocated",
                resource=report.target_id,
                remedy="Read the report; then run again, only missing work is done.",
            )
        return await self.publish()

    def failed(self, error: Exception) -> None:
        """Add the error that ended the run to the report."""
        self._note(failures=(*self._report.failures, Failure.of(error)))

    async def publish(self) -> Report:
        """Publish the report in its present state."""
        reached = {phase.name for phase in self._phases}
        rest = [PhaseResult(name=name, status="not_reached") for name in self._planned if name not in reached]
        self._note(phases=(*self._phases, *rest), seconds=time.monotonic() - self._began, ended_at=_now())
        log_verdict(self._report)
        await publish_report(self._report)
        return self._report

    def found(self, findings: Iterable[Finding]) -> None:
        """Add these findings to the report, each once."""
        self._note(findings=tuple(dict.fromkeys((*self._report.findings, *findings))))

    def _note(self, **facts: object) -> None:
        self._report = self._report.model_copy(update=facts)

    def _ended(self, name: str, status: PhaseStatus, began: float) -> None:
        result = PhaseResult(name=name, status=status, summary=self._said, seconds=time.monotonic() - began)
        self._phases.append(result)
        log_phase(result)
        record_phase(self.request, self._report.flow, result)
        announce(result)


@asynccontextmanager
async def phased_run(
    request: RelocationRequest,
    name: str,
    phases: tuple[str, ...],
    *,
    reads_only: bool = False,
    turn: AbstractAsyncContextManager[None] | None = None,
) -> AsyncIterator[RunReport]:
    """Run the flow `name`, connected to Azure, tagged at the Prefect server, with a report on failure.

    Locks its registries, unless it only reads, or shares another run's lease (`turn`).
    """
    alone = nullcontext() if reads_only else registry_lock(request, leaves_trace=name != "discard")
    async with azure() as connection, turn or alone:
        log = RunReport(request, name, phases, embedded=await connection.embedded())
        await mark_run(plan_id(request), [] if reads_only else lock_names(request), embedded=log.embedded)
        announce(RunStarted(name, str(flow_run.id), log.embedded, phases))
        for approval in await ignore_server_errors(earlier_approvals()) or ():
            log.approved(approval)
        try:
            async with exporting_metrics():
                with readable_answers():
                    yield log
        except NotRelocated:
            await log.publish()
            raise
        except Exception as error:
            log.failed(error)
            await log.publish()
            raise


def _now() -> str:
    return now().isoformat(timespec="seconds")
