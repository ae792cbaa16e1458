"""Runbook: end a run whose process is gone, and begin it again where that is safe.

The server's automations start it (deployments/server/automations.py) after a silence and after a crash. Their events
are telemetry, which a busy server delivers late, twice or never; so the run's state is read before it is changed.

1. Find the other runs that a worker has taken and not begun: the event that tells of them may be lost.
2. Read the state of each run. If it is under way, wait for a sign of life; without one, mark the run as Crashed.
3. If it never began, or is a batch, schedule it again: a batch continues with the unfinished registries.

Again: a run that has ended, is suspended or shows a sign of life stays as it is.
On failure: the next run of this flow finds the rest.
"""

import asyncio

from prefect import flow

from tasks.runs.lost_runs import end_if_lost, find_unbegun_runs, restart_if_lost


@flow(name="recover-run", flow_run_name="recover-{run}")
async def recover_run(run: str) -> str:
    """Mark runs without a sign of life as Crashed, and schedule those again that never began, and batches.

    Args:
        run: The resource id of the run in the server's events: `prefect.flow-run.` and the run's id.

    Returns:
        A sentence for the run's page: the states found, and the changes made.

    """
    runs = {run, *await find_unbegun_runs()}
    return " ".join(await asyncio.gather(*map(_recover, runs)))


async def _recover(run: str) -> str:
    return await end_if_lost(run) + " " + await restart_if_lost(run)
