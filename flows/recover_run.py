"""Runbook: end a run whose process is gone, and continue its batch.

The server's automations start it (deployments/server/automations.py) after a silence and after a crash. Their events
are telemetry, which a busy server delivers late, twice or never; so the run's state is read before it is changed.

1. Read the state of the run. If it is under way, wait for a heartbeat; without one, mark the run as Crashed.
2. If the run is a crashed batch, schedule it again: it continues with the unfinished registries.

Again: a run that has ended, is suspended or shows a heartbeat stays as it is. On failure: nothing has changed.
"""

from prefect import flow

from tasks.runs.lost_runs import end_if_lost, restart_crashed_batch


@flow(name="recover-run", flow_run_name="recover-{run}")
async def recover_run(run: str) -> str:
    """Mark a run without a heartbeat as Crashed, and schedule a crashed batch run again.

    Args:
        run: The resource id of the run in the server's events: `prefect.flow-run.` and the run's id.

    Returns:
        A sentence for the run's page: the state found, and the change made.

    """
    return await end_if_lost(run) + " " + await restart_crashed_batch(run)
