"""The report of a run, as data: for the operator who takes the next step, the change ticket, and the auditor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from acr_relocate.core.approval.decision import Approval
from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_ledger import DeletedTag
from acr_relocate.core.content.import_plan import TagConflict
from acr_relocate.core.content.missing_images import MissingImage
from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan.estimate import MeasuredTimes
from acr_relocate.core.plan.steps import Step
from acr_relocate.core.verification import Difference, unclean

Verdict = Literal[
    "relocated", "prepared", "not_relocated",
    "copied", "in_sync", "not_copied",
    "equal", "different", "not_compared",
    "discarded", "not_discarded",
    "switched_back", "not_switched_back",
    "deleted", "not_deleted",
    "rehearsed", "not_rehearsed",
    "blocked",
]  # fmt: skip
"""A family for each command: its success, and its failure."""

FAILED_VERDICTS: dict[str, Verdict] = {
    "sync": "not_copied",
    "import-part": "not_copied",
    "verify": "not_compared",
    "compare": "not_compared",
    "discard": "not_discarded",
    "switch-back": "not_switched_back",
    "delete-source": "not_deleted",
    "rehearse": "not_rehearsed",
}
PhaseStatus = Literal["done", "nothing_to_do", "failed", "not_reached"]


def failed_verdict(flow: str, differences: Iterable[Difference] = ()) -> Verdict:
    """Return the verdict of a run of this flow that did not finish, or found these differences."""
    verdict = FAILED_VERDICTS.get(flow, "not_relocated")
    return "different" if verdict == "not_compared" and unclean(differences) else verdict


class PhaseResult(FrozenModel):
    """One phase: its result in a few words, and its duration."""

    name: str
    status: PhaseStatus
    summary: str = ""
    seconds: float = 0.0


class ReplicaEffect(FrozenModel):
    """The bytes a second of a large import before the source had a replica in the target's region, and with it.

    0: its bytes could not be told from the call.
    """

    without: int
    by_replica: int

    @property
    def words(self) -> str:
        """The rates and the conclusion. One import each: a difference counts from twice the rate."""
        if not (self.without and self.by_replica):
            return "the replica's effect could not be told: the large artifact was too small (--large MIB)"
        rates = f"{self.by_replica / 1e6:.1f} MB/s by way of the replica, {self.without / 1e6:.1f} MB/s without"
        told = "imports read from it" if self.by_replica >= 2 * self.without else "no sign that imports read from it"
        return f"{rates}: {told}"


class RehearsalResult(FrozenModel):
    """The measurements of a rehearsal, for the estimate of a plan, and the outcome of each removal.

    `calls_left`: the lowest remainders of ARM's limits that Azure reported, by kind of call.
    """

    id: str
    times: MeasuredTimes = MeasuredTimes()
    replica: ReplicaEffect | None = None
    calls_left: dict[str, int] = Field(default_factory=dict)
    cleaned: tuple[Outcome, ...] = ()


class ImportSummary(FrozenModel):
    """The imports in numbers. `throttled` counts Azure's rate-limit answers; `times` serve the estimate of a plan."""

    total: int = 0
    created: int = 0
    already_there: int = 0
    skipped: int = 0
    failed: int = 0
    tags: int = 0
    throttled: int = 0
    seconds: float = 0.0
    times: MeasuredTimes = MeasuredTimes()

    def with_parts(self, parts: Iterable[ImportSummary]) -> ImportSummary:
        """Return it with the counts of earlier parts of the same import added; failures are counted once.

        A later run finds the images that a part has imported, and counts them as already there.
        """
        parts = tuple(parts)
        brought = sum(part.created for part in parts)
        return self.model_copy(
            update={
                "total": self.total + brought,
                "created": self.created + brought,
                "already_there": self.already_there - brought,
                "tags": self.tags + sum(part.tags for part in parts),
                "throttled": self.throttled + sum(part.throttled for part in parts),
                "seconds": self.seconds + max((part.seconds for part in parts), default=0.0),
            }
        )


class LeftToPeople(FrozenModel):
    """A manual step: `why` it is not automated, and `how` a person does it, as lines to paste."""

    what: str
    why: str = ""
    how: str = ""


class Report(FrozenModel):
    """The result of a run: the plan, the changes, the approvals, the verification, and the manual steps.

    `left_behind`: the images that did not arrive, to be retried by `acr-relocate sync REQUEST --only FILE`.
    `deleted`: tags that the source no longer has, and the target has from earlier runs; `pruned`: their removals.
    Tags that the selection leaves out are among them, as `unselected`.
    `rename`: the rules by which repositories have other names at the target; all other fields have the source's names.

    `started_at` and `ended_at` are moments in ISO 8601, in UTC. Readers of the JSON may rely on `schema_version`: it
    changes when a field goes away or changes its meaning, not when one is added.
    """

    schema_version: Literal[1] = 1
    flow: str = ""
    plan_id: str
    embedded: bool
    verdict: Verdict
    source_id: str
    target_id: str
    rename: dict[str, str] = Field(default_factory=dict)
    phases: tuple[PhaseResult, ...] = ()
    imports: ImportSummary = ImportSummary()
    differences: tuple[Difference, ...] = ()
    failures: tuple[Failure, ...] = ()
    conflicts: tuple[TagConflict, ...] = ()
    blocked: tuple[BrokenArtifact, ...] = ()
    left_behind: tuple[MissingImage, ...] = ()
    deleted: tuple[DeletedTag, ...] = ()
    pruned: tuple[Outcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    planned: tuple[Step, ...] = ()
    approvals: tuple[Approval, ...] = ()
    cut_over: tuple[Outcome, ...] = ()
    left_to_people: tuple[LeftToPeople, ...] = ()
    rehearsal: RehearsalResult | None = None
    started_at: str = ""
    ended_at: str = ""
    seconds: float = 0.0

    def unexplained(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """Return the differences without those that this run has explained and that a retry cannot resolve.

        They come from accepted broken artifacts at the source, and from actions that Azure always refuses.
        """
        known = {(one.repository, name) for one in self.blocked if one.accepted for name in one.subjects}
        known |= {("", one.explains) for one in self.cut_over if one.explains}
        return tuple(one for one in differences if (one.repository, one.subject) not in known)

    @property
    def is_at_azure(self) -> bool:
        """Return whether the target exists, in an Azure that has a portal."""
        return not self.embedded and self.verdict in {"relocated", "prepared", "copied", "in_sync", "deleted"}

    @property
    def open_decisions(self) -> tuple[Finding, ...]:
        """Return the decisions that were left open: the run took their defaults."""
        return tuple(finding for finding in self.findings if finding.severity == "decision")

    @property
    def copied(self) -> Verdict:
        """Return whether the run copied or pruned anything, or found both sides in sync."""
        return "copied" if self.imports.created or self.pruned else "in_sync"

    @property
    def was_to_delete(self) -> bool:
        """Return whether the relocation was complete except for the deletion of the source."""
        return self.flow == "relocate" and any(phase.name == "consumers" for phase in self.phases)

    @property
    def changed_something(self) -> bool:
        """Return whether this run deployed, imported or cut over anything."""
        deployed = any(phase.name == "deploy" and phase.status == "done" for phase in self.phases)
        return deployed or bool(self.imports.created or self.cut_over)
