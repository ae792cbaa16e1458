"""The lines of a run's log: what each phase came to, and why one failed."""

from typing import Final

from acr_relocate.core.errors import Failure
from acr_relocate.core.report.report import PhaseResult
from acr_relocate.core.wording import duration

_DEFAULTS: Final = {"done": "done", "nothing_to_do": "nothing to do", "failed": "failed", "not_reached": "not reached"}


def phase_line(result: PhaseResult) -> str:
    """Return what a phase came to: `import: 138 imported, 0 failed (14 s)`."""
    return f"{result.name}: {result.summary or _DEFAULTS[result.status]} ({duration(result.seconds)})"


def failure_lines(phase: str, failure: Failure) -> tuple[str, ...]:
    """Return why a phase failed, with the code and the resource, and in a line of its own what to do."""
    remedy = (f"Remedy: {failure.remedy}",) if failure.remedy else ()
    return (f"{phase} failed: {failure.model_copy(update={'remedy': ''})}", *remedy)
