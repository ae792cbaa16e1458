"""The figures of a rehearsal, and the estimate that they make."""

import pytest

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.plan.estimate import LONGEST_IMPORT_SECONDS, MeasuredTimes, estimate
from acr_relocate.core.report.measured_times import LARGE, measured_times, times_of_run
from acr_relocate.core.report.report import PhaseResult

DEPLOYED = (PhaseResult(name="deploy", status="done", seconds=42.0),)


def imported(repository: str, seconds: float, size: int = 0) -> ImportOutcome:
    item = ImportItem(repository=repository, digest=f"sha256:{repository}", size_bytes=size)
    return ImportOutcome(item=item, kind="created", seconds=seconds)


def test_the_large_import_tells_bytes_from_calls() -> None:
    """The time beyond that of the others is spent on its bytes."""
    outcomes = [imported("a", 1.0), imported("b", 2.0), imported("c", 9.0), imported(LARGE, 12.0, 50_000_000)]

    assert measured_times(outcomes, DEPLOYED) == MeasuredTimes(
        import_seconds=2.0, bytes_a_second=5_000_000, deploy_seconds=42.0
    )


def test_what_cannot_be_told_is_no_figure() -> None:
    """The large one was as quick as the others, or nothing was imported at all."""
    assert measured_times([imported("a", 1.0), imported(LARGE, 1.2, 50_000_000)], ()).bytes_a_second == 0
    assert measured_times([], ()) == MeasuredTimes()


def test_a_run_tells_what_all_imports_have_together() -> None:
    """Small imports tell the call, large ones the rate, and the run the sum, if bytes decided how long it took."""
    small = [imported(f"s{number}", 10.0, 1_000_000) for number in range(20)]
    large = [imported(f"l{number}", 110.0, 1_000_000_000) for number in range(30)]

    found = times_of_run([*small, *large], 120.0, DEPLOYED)

    assert found == MeasuredTimes(
        import_seconds=10.0, bytes_a_second=10_000_000, bytes_together=round(30_020_000_000 / 120), deploy_seconds=42.0
    )
    assert times_of_run(small, 11.0, ()).bytes_together == 0
    assert times_of_run([*small, *large[:1]], 12.0, ()).bytes_together == 0


@pytest.mark.parametrize(
    ("imports", "sizes", "seconds"),
    [
        (0, (), 0.0),
        (1, (0,), 2.0),
        (700, (), 50.0 + 2.0),  # the write budget
        (1, (50_000_000,), 10.0 + 2.0),  # one is copied in one
        (10, (10_000_000,) * 10, 4.0 + 2.0),  # five at a time
    ],
)
def test_an_estimate_by_the_figures(imports: int, sizes: tuple[int, ...], seconds: float) -> None:
    """The longer of the write budget and the bytes, and an import's own time."""
    measured = MeasuredTimes(import_seconds=2.0, bytes_a_second=5_000_000)

    assert estimate(imports, sizes, measured, 5).import_seconds == pytest.approx(seconds)
    assert "2.0 s in the rehearsal, and 5.0 MB/s" in estimate(imports, sizes, measured, 5).basis


def test_without_figures_an_estimate_is_as_before() -> None:
    """By the budget and the longest import that was seen."""
    assert estimate(700, (50_000_000,), concurrency=5).import_seconds == 50.0 + LONGEST_IMPORT_SECONDS
