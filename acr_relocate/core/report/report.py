"""The report of a run, as data: for the operator who decides what is next, the change ticket, and the auditor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from acr_relocate.core.approval.decision import Approval
from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_ledger import DeletedTag
from acr_relocate.core.content.import_plan import TagConflict
from acr_relocate.core.content.missing_images import MissingImage
from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan.steps import Step
from acr_relocate.core.verification import Difference, unclean

Verdict = Literal[
    "relocated", "prepared", "not_relocated",
    "copied", "in_sync", "not_copied",
    "equal", "different", "not_compared",
    "discarded", "not_discarded",
    "deleted", "not_deleted",
    "blocked",
]  # fmt: skip
"""A family for each command: what it comes to, and what it is if that was not reached."""

FAILED_VERDICTS: dict[str, Verdict] = {
    "sync": "not_copied",
    "import-part": "not_copied",
    "verify": "not_compared",
    "compare": "not_compared",
    "discard": "not_discarded",
    "delete-source": "not_deleted",
}
PhaseStatus = Literal["done", "nothing_to_do", "failed", "not_reached"]


def failed_verdict(flow: str, differences: Iterable[Difference] = ()) -> Verdict:
    """Return the verdict of a run of this flow that did not come to its end, or found these differences."""
    verdict = FAILED_VERDICTS.get(flow, "not_relocated")
    return "different" if verdict == "not_compared" and unclean(differences) else verdict


class PhaseResult(FrozenModel):
    """One phase: what it came to, in a few words, and how long it took."""

    name: str
    status: PhaseStatus
    summary: str = ""
    seconds: float = 0.0


class ImportSummary(FrozenModel):
    """The imports in numbers. `throttled` counts the times that Azure asked for patience."""

    total: int = 0
    created: int = 0
    already_there: int = 0
    skipped: int = 0
    failed: int = 0
    tags: int = 0
    throttled: int = 0
    seconds: float = 0.0

    def with_parts(self, parts: Iterable[ImportSummary]) -> ImportSummary:
        """Return it with what the parts of the same import have brought before; what they could not is counted once.

        What a part has brought is there already for who comes after it.
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
    """Something that this service does not do: `why` not, and `how` a person does it, as lines to paste."""

    what: str
    why: str = ""
    how: str = ""


class Report(FrozenModel):
    """What a run came to: what was planned, done, by whom approved, verified, and what is left to people.

    `left_behind`: the images that did not arrive, to be tried again by `acr-relocate sync REQUEST --only FILE`.
    `deleted`: tags that the source has no more, and the target from earlier runs; `pruned`: what became of those.

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
    started_at: str = ""
    ended_at: str = ""
    seconds: float = 0.0

    def unexplained(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """Return the differences without those that this run has explained and that nothing can settle.

        They come of what is broken at the source and accepted, and of what Azure will refuse for ever.
        """
        known = {(one.repository, name) for one in self.blocked if one.accepted for name in one.subjects}
        known |= {("", one.explains) for one in self.cut_over if one.explains}
        return tuple(one for one in differences if (one.repository, one.subject) not in known)

    @property
    def is_at_azure(self) -> bool:
        """Whether the target is there, in an Azure that has a portal."""
        return not self.embedded and self.verdict in {"relocated", "prepared", "copied", "in_sync", "deleted"}

    @property
    def open_decisions(self) -> tuple[Finding, ...]:
        """The decisions that nobody took: the run took their defaults."""
        return tuple(finding for finding in self.findings if finding.severity == "decision")

    @property
    def copied(self) -> Verdict:
        """Whether the run copied or pruned anything, or found both sides in sync."""
        return "copied" if self.imports.created or self.pruned else "in_sync"

    @property
    def was_to_delete(self) -> bool:
        """Whether the relocation was through, and all that was left was to delete the source."""
        return self.flow == "relocate" and any(phase.name == "consumers" for phase in self.phases)

    @property
    def changed_something(self) -> bool:
        """Whether anything was deployed, imported or cut over in this run."""
        deployed = any(phase.name == "deploy" and phase.status == "done" for phase in self.phases)
        return deployed or bool(self.imports.created or self.cut_over)
