"""How fast the Prefect server is told of task runs: as fast as allowed, while it keeps up."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tasks.imports.server_backlog import BEHIND, RECORD_LOST_AFTER, RecorderBacklog

MOST = 50.0
START = RecorderBacklog().unheard(0.0)
SERVER_HOLDS = 10_000 // 3


def test_a_server_that_keeps_up_is_fed_at_the_pace_that_was_asked_for() -> None:
    """A second's worth is always on its way."""
    assert START.after(told=150, recorded=100, at=3.0).pace(150, MOST) == MOST


def test_a_server_that_is_behind_is_fed_more_slowly_than_it_records() -> None:
    """So that it catches up, however slow it is."""
    behind = START.after(told=BEHIND + 130, recorded=30, at=3.0)

    assert 0 < behind.pace(BEHIND + 130, MOST) < 10.0


def test_one_that_records_nothing_is_told_nothing_more_until_what_it_was_told_is_lost() -> None:
    """A restart loses what was in its memory; waiting for that would never end."""
    told = BEHIND + 1
    silent = START.after(told, 0, at=RECORD_LOST_AFTER - 1)
    lost = silent.after(told, 0, at=RECORD_LOST_AFTER)

    assert (silent.pace(told, MOST), lost.pace(told, MOST)) == (0.0, MOST)
    assert lost.outstanding(told + 1) == 1


def test_what_is_recorded_after_all_was_not_lost() -> None:
    """The client sends again what was not acknowledged."""
    told = 300
    late = START.after(told, 0, at=RECORD_LOST_AFTER).after(told, told, at=RECORD_LOST_AFTER + 3)

    assert (late.lost, late.outstanding(told), late.outstanding(told + 5)) == (0, 0, 5)


def test_a_server_that_does_not_answer_holds_nobody_up() -> None:
    """Away for minutes, it is told at the pace that was asked for; and its silence is no sign that anything is lost."""
    away = START.after(1000, 10, at=3.0).unheard(9 * RECORD_LOST_AFTER)
    back = away.after(1000, 10, at=9 * RECORD_LOST_AFTER + 3)

    assert away.pace(1000, MOST) == MOST
    assert (back.lost, back.pace(1000, MOST)) == (0, 0.0)


@given(st.lists(st.floats(min_value=0.5, max_value=80.0), min_size=1, max_size=200), st.floats(1.0, 500.0))
def test_whatever_the_server_can_do_it_is_never_ahead_of_what_its_queue_holds(speeds: list[float], most: float) -> None:
    """Each look is three seconds after the last; in between it records as fast as its machine lets it."""
    recording, told, recorded = START, 0.0, 0.0
    for look, speed in enumerate(speeds, start=1):
        told += 3.0 * recording.pace(int(told), most)
        recorded = min(told, recorded + 3.0 * speed)
        recording = recording.after(math.floor(told), math.floor(recorded), at=3.0 * look)
        assert told - recorded < SERVER_HOLDS
