"""When a Prefect server counts as gone: while the source is frozen, nothing waits for it for long."""

import asyncio
import errno
import shutil
from itertools import chain, repeat

import httpx
import pytest
from prefect.exceptions import PrefectHTTPStatusError

from tasks.runs import server_watch

FULL_DISK = PrefectHTTPStatusError(
    "500", request=httpx.Request("PATCH", "http://server/labels"), response=httpx.Response(500)
)
BUSY = PrefectHTTPStatusError(
    "429", request=httpx.Request("PATCH", "http://server/labels"), response=httpx.Response(429)
)
NO_ROOM = OSError(errno.ENOSPC, "the disk is full")
REFUSED = httpx.ConnectError("refused")


async def looks_until_gone(monkeypatch: pytest.MonkeyPatch, *answers: Exception | None) -> int:
    """How often the server was looked at: each look takes a second of its clock, and the last answer stays."""
    looks = 0

    async def look() -> Exception | None:
        nonlocal looks
        looks += 1
        return next(coming)

    async def no_wait(seconds: float) -> None:
        assert seconds > 0
        assert looks < 1000

    coming = chain(answers, repeat(answers[-1]))
    monkeypatch.setattr(asyncio, "sleep", no_wait)
    monkeypatch.setattr(server_watch.time, "monotonic", lambda: float(looks))
    await server_watch._gone(look)
    return looks


@pytest.mark.parametrize(
    ("failure", "seconds"), [(FULL_DISK, 12), (NO_ROOM, 12), (REFUSED, 12), (BUSY, 60), (TimeoutError(), 60)], ids=repr
)
async def test_a_server_that_cannot_write_is_given_up_like_one_that_is_gone(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, seconds: int
) -> None:
    """Within the half minute in which the source is free again; one that has much to do is waited for."""
    assert await looks_until_gone(monkeypatch, None, failure) == seconds + 2


async def test_silence_after_a_failure_is_no_reason_to_wait_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine only some looks end with the failure, the others in time."""
    assert await looks_until_gone(monkeypatch, None, TimeoutError(), FULL_DISK, TimeoutError()) == 14


async def test_silence_before_an_answer_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was broken and answered again is waited for when it is busy."""
    assert await looks_until_gone(monkeypatch, FULL_DISK, None, TimeoutError()) == 2 + 61


async def test_an_answer_in_between_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that was away for some seconds is no reason to end."""
    assert await looks_until_gone(monkeypatch, *[FULL_DISK] * 9, None, FULL_DISK) == 10 + 13


async def test_a_full_disk_is_seen_before_the_server_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database writes on for a minute or two into the space that it has; the server is not even asked."""
    full = shutil._ntuple_diskusage(10**9, 10**9, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    failure = await server_watch._look()

    assert isinstance(failure, OSError)
    assert failure.errno == errno.ENOSPC
