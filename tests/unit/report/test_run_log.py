"""The log of a run: each phase with its summary, and the reason of each that failed."""

import pytest

from acr_relocate.core.errors import Failure
from acr_relocate.core.report.report import PhaseResult
from acr_relocate.core.report.run_log import failure_lines, phase_line


@pytest.mark.parametrize(
    ("phase", "line"),
    [
        (
            PhaseResult(name="import", status="done", summary="138 imported", seconds=14.2),
            "import: 138 imported (14 s)",
        ),
        (PhaseResult(name="validate", status="done", seconds=2.0), "validate: done (2.0 s)"),
        (PhaseResult(name="locks", status="nothing_to_do"), "locks: nothing to do (0.0 s)"),
    ],
)
def test_a_phase_says_what_it_came_to(phase: PhaseResult, line: str) -> None:
    """One line, with its summary and how long it took."""
    assert phase_line(phase) == line


def test_a_failure_says_why_and_on_a_line_of_its_own_what_to_do() -> None:
    """Code, resource and remedy are there, none of them twice."""
    failure = Failure(code="QuotaExceeded", message="No room.", resource="/subscriptions/1", remedy="Ask for more.")

    assert failure_lines("deploy", failure) == (
        "deploy failed: No room. [/subscriptions/1, QuotaExceeded]",
        "Remedy: Ask for more.",
    )
