"""Every retry, rate and concurrency policy, each with the quota or the document that it comes from.

The azure ring already waits out what Azure asks it to wait out within one call (Retry-After, budgets). What reaches
these policies has outlived that, so they are few and slow.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun

from acr_relocate.core.errors import Throttled, is_retryable


class Policy(TypedDict):
    """What a task decorator needs to know about retries, and that no answer is ever taken from an earlier pass.

    Where results are persisted, Prefect would otherwise give a resumed run what it read before it was suspended.
    """

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], Awaitable[bool]]
    cache_policy: CachePolicy


async def worth_a_retry(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect's signature
    """Whether the failure may go away; where Azure said how long that takes, that long has passed when this returns.

    The errors themselves say it (`core.errors.is_retryable`): a refusal is not repeated, whatever the policy.
    """
    error = state.data
    if isinstance(error, Throttled) and error.retry_after:
        await asyncio.sleep(error.retry_after)
    return isinstance(error, BaseException) and is_retryable(error)


READ = Policy(
    retries=4,
    retry_delay_seconds=[1, 2, 4, 8],
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_a_retry,
    cache_policy=NO_CACHE,
)
"""Reads of ARM and of registries. Budgets refill within seconds (ARM: 25 reads a second after a burst of 250,
learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling); a listing that raced with
a push is right the next time.
"""

IMPORT = Policy(
    retries=5,
    retry_delay_seconds=[2, 5, 10, 20, 40],
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_a_retry,
    cache_policy=NO_CACHE,
)
"""importImage. Five tries with a median of 5 s is what Microsoft's own copying tool does (dotnet/docker-tools,
AcrImageImporter); a failure inside an operation that says 429 (HAP429) needs up to a minute, the data plane's window.
"""

WRITE = Policy(
    retries=6,
    retry_delay_seconds=[2, 5, 10, 20, 40, 60],
    retry_jitter_factor=0.3,
    retry_condition_fn=worth_a_retry,
    cache_policy=NO_CACHE,
)
"""Resource groups, deployments and attributes: every one of them may be repeated. A resource provider that is being
registered, or an identity that has just been made, takes up to two minutes to be known everywhere.
"""

SHARD_SIZE = 500
"""Task runs in one flow run: the Prefect UI's flow run page blocks for 4 s at 1,000 and for a minute at 10,000."""

AHEAD = 50
"""Imports that may still wait for a place when the next shard begins: at 10 a second the time that a child run takes to
begin, a second with SQLite under load, is bridged five times over.
"""

RUN_BEGINS_WITHIN = 20.0
"""Seconds in which a shard's run has begun, if the Prefect server is there at all (measured: 0.2 to 3.3 s, and over
10 s on a machine with seven times as much to do as it can). As long as ARM's bucket of 200 writes takes to fill at 10 a
second: what was not begun meanwhile is made up for. Without a run of its own a shard is 500 more task runs in the run
around it, whose page in the UI soon answers nobody.
"""

TASK_RUNS_PER_SECOND = 20.0
"""What a Prefect server with default settings records on 2 cores without falling behind. Ours, started with larger
batches, records 60 to 90 and asks for 50 (deployments/server.py). One that falls behind all the same is fed more slowly
(tasks/records.py).
"""
