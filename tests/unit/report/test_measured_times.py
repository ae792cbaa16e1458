"""The figures of a rehearsal, and the estimate that they make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.plan.estimate import LONGEST_IMPORT_SECONDS, MeasuredTimes, estimate
from acr_relocate.core.registry.inventory import Repository
from acr_relocate.core.report.measured_times import LARGE, measured_times, replica_effect, times_of_run, with_arrivals
from acr_relocate.core.report.report import PhaseResult
from tests.support.builders import content, image, repository

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


def test_a_replica_is_compared_with_the_import_before_it() -> None:
    """Twice the rate tells that its region was read; less tells nothing, since it is one import each."""
    before = imported("rehearsal/large-before", 11.0, 50_000_000)
    quick, same = (imported(LARGE, 1.0 + seconds, 50_000_000) for seconds in (2.5, 8.0))

    found = [replica_effect([imported("a", 1.0), before, large]) for large in (quick, same, imported(LARGE, 1.1, 50))]

    assert [one.words if one else "" for one in found] == [
        "20.0 MB/s by way of the replica, 5.0 MB/s without: imports read from it",
        "6.2 MB/s by way of the replica, 5.0 MB/s without: no sign that imports read from it",
        "the replica's effect could not be told: the large artifact was too small (--large MIB)",
    ]
    assert measured_times([imported("a", 1.0), before, quick], ()).bytes_a_second == 20_000_000
    assert replica_effect([imported(LARGE, 3.0, 50_000_000)]) is None


def at(seconds: float, name: str) -> Repository:
    """A repository with one image, which arrived then."""
    moment = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(seconds=seconds)
    return repository(name, replace(image(name), updated=moment))


def test_the_target_tells_how_long_a_large_import_took() -> None:
    """All are seen to end after ten seconds; the manifests say that the large one came four seconds after the first."""
    outcomes = [imported("a", 10.0), imported("b", 10.0), imported(LARGE, 10.0, 100_000_000)]

    timed = with_arrivals(outcomes, content(at(101, "a"), at(102, "b"), at(105, LARGE)))

    assert measured_times(outcomes, ()).bytes_a_second == 0
    assert measured_times(timed, ()).bytes_a_second == 25_000_000
    assert with_arrivals(outcomes, content(repository(LARGE, image("x")))) == tuple(outcomes)


def test_the_import_before_the_replica_is_timed_by_the_one_beside_it() -> None:
    """Not by those that came with the other large one."""
    before, first = imported("rehearsal/large-before", 10.0, 100_000_000), imported("rehearsal/image", 10.0)
    outcomes = [before, first, imported("a", 10.0), imported(LARGE, 10.0, 100_000_000)]
    held = content(at(1, "rehearsal/image"), at(11, "rehearsal/large-before"), at(51, "a"), at(53, LARGE))

    effect = replica_effect(with_arrivals(outcomes, held))

    assert effect is not None
    assert (effect.without, effect.by_replica) == (10_000_000, 50_000_000)


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
        (1, (50_000_000,), 10.0 + 1.0),  # one is copied in one, seen half a look later
        (10, (10_000_000,) * 10, 4.0 + 1.0),  # five at a time
    ],
)
def test_an_estimate_by_the_figures(imports: int, sizes: tuple[int, ...], seconds: float) -> None:
    """The longer of the write budget with an import's own time, and of the bytes with half of it."""
    measured = MeasuredTimes(import_seconds=2.0, bytes_a_second=5_000_000)

    assert estimate(imports, sizes, measured, 5).import_seconds == pytest.approx(seconds)
    assert "2.0 s in the rehearsal, and 5.0 MB/s" in estimate(imports, sizes, measured, 5).basis


def test_without_figures_an_estimate_is_as_before() -> None:
    """By the budget and the longest import that was seen."""
    assert estimate(700, (50_000_000,), concurrency=5).import_seconds == 50.0 + LONGEST_IMPORT_SECONDS
