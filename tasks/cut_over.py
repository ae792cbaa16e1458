"""The cut-over: one action a task run, so that each is seen, tried again and reported by itself."""

from prefect import task

from acr_relocate.azure.changes import cut_over
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="look-ahead", task_run_name="look-ahead-at-cut-over", **READ)
async def look_ahead(actions: tuple[CutOverAction, ...]) -> frozenset[str]:
    """The ids of the actions that would be carried out now. Only reads."""
    async with azure() as connection:
        return await cut_over.pending_actions(connection, actions)


@task(name="carry-out", task_run_name="carry-out-{action.subject}", **WRITE)
async def carry_out(action: CutOverAction) -> Outcome:
    """The action is done.

    Again: it is looked first, and what is done is left as it is. On failure: what was there is still there.
    """
    async with azure() as connection:
        return await cut_over.apply_action(connection, action)
