"""Every retry, rate and concurrency policy, each with the quota or the document that it comes from.

Within one call acr_relocate/azure already waits as Azure requests (Retry-After, rate limits). These policies are for
failures that outlast that, so they are few and slow.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun

from acr_relocate.core.errors import Throttled, is_retryable


class Policy(TypedDict):
    """Options of a task decorator for retries; answers are never taken from an earlier run.

    With persisted results, Prefect would otherwise give a resumed run its reads from before the suspension.
    """

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], Awaitable[bool]]
    cache_policy: CachePolicy


async def worth_a_retry(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect's signature
    """Return whether to retry the failure; waits first for as long as Azure requested.

    The errors decide (`core.errors.is_retryable`): a refusal is not retried, whatever the policy.
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
"""importImage. Five attempts with a median of 5 s, as Microsoft's own copying tool (dotnet/docker-tools,
AcrImageImporter) makes; a failure inside an operation with 429 (HAP429) needs up to a minute, the data plane's window.
"""

WRITE = Policy(
    retries=6,
    retry_delay_seconds=[2, 5, 10, 20, 40, 60],
    retry_jitter_factor=0.3,
    retry_condition_fn=worth_a_retry,
    cache_policy=NO_CACHE,
)
"""Resource groups, deployments and attributes: all of them may be retried. A resource provider that is being
registered, or an identity that has just been created, takes up to two minutes to be visible everywhere.
"""

WAIT_FOR_NAME = Policy(
    retries=120,
    retry_delay_seconds=[30],
    retry_jitter_factor=0.1,
    retry_condition_fn=worth_a_retry,
    cache_policy=NO_CACHE,
)
"""The name of a deleted registry, for an hour. Azure names no time for which it holds one.
"""

SHARD_SIZE = 500
"""Task runs in one flow run: the Prefect UI's flow run page blocks for 4 s at 1,000 and for a minute at 10,000."""

AHEAD = 50
"""Imports that may still wait for a place when the next shard begins: at 10 a second, five times the time that a child
run takes to begin, which is a second with SQLite under load.
"""

RUN_BEGINS_WITHIN = 20.0
"""Seconds in which a shard's run begins, if the Prefect server is available (measured: 0.2 to 3.3 s, and over 10 s on a
machine under seven times its load). As long as ARM's bucket of 200 writes takes to fill at 10 a second: the delay can
be made up for. Without a run of its own a shard is 500 more task runs in the parent run, whose page in the UI then
stops responding.
"""

TASK_RUNS_PER_SECOND = 20.0
"""The task runs a second that a Prefect server with default settings records on 2 cores without falling behind. Ours,
started with larger batches, records 60 to 90 and asks for 50 (deployments/server). The rate is lowered if the server
falls behind all the same (tasks/imports/server_backlog.py).
"""
