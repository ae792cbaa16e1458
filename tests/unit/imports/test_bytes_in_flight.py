"""The cap on bytes that are copied at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from acr_relocate.core.request.maintenance_window import Window
from tasks.imports import bytes_in_flight
from tasks.imports.bytes_in_flight import BytesInFlight


async def most_at_once(cap: int, sizes: list[int]) -> tuple[int, int]:
    """The most bytes in progress, and the most imports."""
    flight, now, seen = BytesInFlight(cap), list[int](), list[tuple[int, int]]()

    async def bring(size: int) -> None:
        async with flight.room(size):
            now.append(size)
            seen.append((sum(now), len(now)))
            await asyncio.sleep(0)
            now.remove(size)

    await asyncio.gather(*map(bring, sizes))
    assert len(seen) == len(sizes)
    return max(each for each, _ in seen), max(count for _, count in seen)


async def test_no_more_bytes_are_copied_at_once_than_the_request_says() -> None:
    """Small images go together, as many as fit."""
    assert await most_at_once(10, [4] * 20) == (8, 2)


async def test_an_image_larger_than_the_cap_goes_alone() -> None:
    """It is not left out."""
    assert await most_at_once(10, [3, 30, 3, 3]) == (30, 2)


async def test_without_a_cap_all_go_at_once() -> None:
    """The default: the window of concurrent imports is the only limit."""
    assert await most_at_once(0, [100] * 20) == (2000, 20)


async def test_the_cap_ends_with_its_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that waits for room goes on soon after, while the others are still under way."""
    monkeypatch.setattr(bytes_in_flight, "HOURS_CHECKED", 0.01)
    moments = iter([datetime(2026, 11, 30, 18, 59, tzinfo=UTC)] * 3)
    day = Window(start="07:00", minutes=12 * 60)
    flight = BytesInFlight(10, day, lambda: next(moments, datetime(2026, 11, 30, 19, 0, tzinfo=UTC)))

    async with flight.room(8), asyncio.timeout(5), flight.room(8):
        assert next(moments, None) is None


async def test_a_failed_import_leaves_its_room() -> None:
    """Or the next ones would wait for ever."""
    flight = BytesInFlight(10)
    with pytest.raises(RuntimeError):
        async with flight.room(10):
            raise RuntimeError

    async with flight.room(10):
        pass
