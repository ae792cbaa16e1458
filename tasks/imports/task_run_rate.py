"""The rate of task runs for the Prefect server: at most a fixed one, and no faster than it records them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from prefect import get_client
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from tasks.imports.server_backlog import BEHIND, RecorderBacklog
from tasks.retry_policies import TASK_RUNS_PER_SECOND
from tasks.runs.artifacts import ignore_server_errors

_LOOK_SECONDS = 3.0
"""Seconds between two reads of the records. One costs the server 12 ms at 10,000 task runs (measured, PostgreSQL)."""

ANSWERS_WITHIN = 10.0
"""Seconds after which a server that does not answer counts as absent."""

CATCHES_UP_WITHIN = 10.0
"""Seconds to wait for the last records after the imports."""


class TaskRunRate:
    """Start task runs evenly and in order; slower while the server is behind with recording them."""

    def __init__(self, per_second: float) -> None:
        self._most = per_second
        self._last = 0.0
        self._queue = asyncio.Lock()
        self._told = 0
        self._recording = RecorderBacklog()
        self._looked = asyncio.Event()

    async def turn(self) -> None:
        """Wait until one more task run may begin."""
        async with self._queue:
            while (early := self._last + self._interval - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(early):
                        await self._looked.wait()
            self._last = max(self._last, time.monotonic() - 2 * self._interval) + self._interval

    def ended(self) -> None:
        """Note that one more task run has ended."""
        self._told += 1

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Read the server's records regularly; at the end, until they are complete or it takes too long."""
        began = datetime.now(UTC)
        watch = asyncio.create_task(self._watch(began))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.wait([watch])
        if self._told > BEHIND:  # fewer are recorded before the first read
            await self._catch_up(began)

    @property
    def _interval(self) -> float:
        per_second = self._recording.pace(self._told, self._most)
        return 1 / per_second if per_second else float("inf")

    async def _watch(self, began: datetime) -> None:
        self._recording = self._recording.unheard(time.monotonic())
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._look(began)

    async def _look(self, began: datetime) -> None:
        told = self._told
        recorded = await ignore_server_errors(recorded_since(began))
        now, before = time.monotonic(), self._recording
        self._recording = before.unheard(now) if recorded is None else before.after(told, recorded, now)
        self._looked.set()
        self._looked.clear()

    async def _catch_up(self, began: datetime) -> None:
        deadline = time.monotonic() + CATCHES_UP_WITHIN
        while (missing := self._recording.outstanding(self._told)) and time.monotonic() < deadline:
            await self._look(began)
            await asyncio.sleep(0.2)
        if missing:
            get_run_logger().warning(
                "The Prefect server has not recorded %s of %s imports yet; the imports themselves are done.",
                missing,
                self._told,
            )


def task_run_pace() -> TaskRunRate:
    """Return the rate: at most ACR_RELOCATE_TASK_RUNS_PER_SECOND, or the default."""
    return TaskRunRate(float(os.environ.get("ACR_RELOCATE_TASK_RUNS_PER_SECOND", TASK_RUNS_PER_SECOND)))


async def recorded_since(began: datetime) -> int:
    """Return the number of imports of this flow run, and of runs inside it, recorded as ended since then."""
    run = {"any_": [flow_run.id]}
    wanted = {
        "task_runs": {
            "name": {"like_": "@sha"},  # as an import's title ends
            "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}},
            "expected_start_time": {"after_": began.isoformat()},
        },
        "flow_runs": {"operator": "or_", "id": run, "parent_flow_run_id": run},
    }
    async with asyncio.timeout(ANSWERS_WITHIN), get_client() as client:
        answer = await client.request("POST", "/task_runs/count", json=wanted)
    return int(answer.json())
