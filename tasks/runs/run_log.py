"""The log of a run, the first page that people open in the Prefect UI: each phase, and the reason of a failure."""

import logging
from collections.abc import Iterable

from prefect.logging import get_run_logger

from acr_relocate.core.errors import Failure
from acr_relocate.core.report.report import PhaseResult, Report
from acr_relocate.core.report.run_log import failure_lines, phase_line
from acr_relocate.core.report.verdicts import report_verdict

_Logger = logging.Logger | logging.LoggerAdapter[logging.Logger]


def log_phase(result: PhaseResult) -> None:
    """Log what a phase came to, in the run around this."""
    if result.status != "failed":
        get_run_logger().info("%s", phase_line(result))


def log_verdict(report: Report) -> None:
    """Log what the run around this came to."""
    get_run_logger().info("%s", report_verdict(report))


def log_failure(phase: str, error: Exception) -> None:
    """Log in which phase the run around this failed, why, and what to do."""
    log_failures(get_run_logger(), phase, (Failure.of(error),))


def log_failures(logger: _Logger, phase: str, failures: Iterable[Failure]) -> None:
    """Log why a phase failed, a line for each reason and for each remedy."""
    for failure in failures:
        for line in failure_lines(phase, failure):
            logger.error("%s", line)
