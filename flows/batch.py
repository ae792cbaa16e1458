"""Runbook: move many registries, each by a run of its own.

1. Which registries: those of the list, and those that Azure Resource Graph finds for the query.
2. In waves, so many at once: start the flow `relocate` (flows/relocate.py) for each. Its retries, approvals and report
   are its own; it goes on when this run is gone.
3. Look what became of each, and show it as a table with what each needs next.

Again: only what is unfinished goes on. On failure of this run: those that it started go on by themselves.
"""

from prefect import flow

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.batch.request import BatchRequest
from tasks.runs.batch import BatchRun, find_members
from tasks.runs.final_state import says_verdict


@flow(name="batch", flow_run_name="batch-{batch.name}")
@says_verdict
async def relocate_batch(batch: BatchRequest) -> BatchReport:
    """Every registry of the batch is relocated, prepared, or waits for a person. Raises NotRelocated otherwise.

    Args:
        batch: The registries to move, and in which order.

    """
    members = await find_members(batch)
    report = await BatchRun(batch, members).to_the_end()
    report.require_success()
    return report
