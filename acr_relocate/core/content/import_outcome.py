"""The outcome of one import, and the reason of a failed one."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from acr_relocate.core import errors
from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.errors import Failure
from acr_relocate.core.model import slots_model
from acr_relocate.core.outcomes import OutcomeKind

FailureReason = Literal["source_broken", "unsupported", "refused", "conflict", "timed_out", "unavailable"]
"""Why an artifact could not be imported, named for the remedy: mend it at the source, copy it manually, have something
allowed, decide about a tag, or (the last two) run again."""


SkipReason = Literal["not_selected", "by_policy"]


_REASONS: Final[tuple[tuple[type[Exception], FailureReason], ...]] = (
    (errors.BrokenAtSource, "source_broken"),
    (errors.ImportRefused, "unsupported"),
    (errors.AlreadyExists, "conflict"),
    (errors.ImportTimedOut, "timed_out"),
    (errors.Throttled, "unavailable"),
    (errors.TemporaryFailure, "unavailable"),
)


@slots_model
class ImportOutcome:
    """The result of one import. `seconds` and `attempts` cover all its attempts. `reason`: of a failure or a skip."""

    item: ImportItem
    kind: OutcomeKind
    reason: FailureReason | SkipReason | Literal[""] = ""
    failure: Failure | None = None
    seconds: float = 0.0
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Return whether the target holds the digest under all the item's tags."""
        return self.kind in {"created", "already_there"}


def failed_import(item: ImportItem, error: Exception, seconds: float = 0.0) -> ImportOutcome:
    """Return the outcome of an import that ended with this error."""
    return ImportOutcome(item=item, kind="failed", reason=why(error), failure=Failure.of(error), seconds=seconds)


def why(error: Exception) -> FailureReason:
    """Return the reason for an error; an unlisted error is a refusal."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "refused")


def broken_by_import(outcomes: Iterable[ImportOutcome], accept: Sequence[str]) -> tuple[BrokenArtifact, ...]:
    """Return the artifacts that Azure found broken at the source only during their import."""
    return tuple(
        BrokenArtifact(
            repository=outcome.item.repository,
            digest=outcome.item.digest,
            tags=outcome.item.tags,
            kind="import_finds_nothing",
            reason=f"broken at the source: {outcome.failure.message}",
            remedy="Push it again from where it was built, or go on without it: "
            f"accept_broken: [{outcome.item.repository}@{outcome.item.digest}]",
        ).judged(accept)
        for outcome in outcomes
        if outcome.failure and outcome.reason == "source_broken"
    )
