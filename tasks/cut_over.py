"""The cut-over: one action per task run, so that each is shown, retried and reported separately."""

from prefect import task

from acr_relocate.azure.changes import cut_over
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="look-ahead", task_run_name="look-ahead-at-cut-over", **READ)
async def look_ahead(actions: tuple[CutOverAction, ...]) -> frozenset[str]:
    """Return the ids of the actions that are still to be done. Only reads."""
    async with azure() as connection:
        return await cut_over.pending_actions(connection, actions)


@task(name="carry-out", task_run_name="carry-out-{action.subject}", **WRITE)
async def carry_out(action: CutOverAction) -> Outcome:
    """Apply the action.

    Again: a done action is recognised and left unchanged. On failure: existing resources are unchanged.
    """
    async with azure() as connection:
        return await cut_over.apply_action(connection, action)
