"""Runbook: move many registries, each by a run of its own.

1. Find the registries: those of the list, and those that Azure Resource Graph returns for the query.
2. In waves, up to the limit: start the flow `relocate` (flows/relocate.py) for each. Its retries, approvals and report
   are its own; it continues when this run is gone.
3. Poll their states, and show a table with the next step of each.

Again: only unfinished registries continue. On failure of this run: the runs that it started go on.
"""

from prefect import flow

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.batch.request import BatchRequest
from tasks.runs.batch import BatchRun, find_members
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name


@flow(name="batch", flow_run_name=keep_typed_name("batch-{batch.name}"))
@says_verdict
async def relocate_batch(batch: BatchRequest) -> BatchReport:
    """Relocate or prepare every registry of the batch, or leave it waiting for a person. Raises NotRelocated otherwise.

    Args:
        batch: The registries to move, and their order.

    """
    members = await find_members(batch)
    report = await BatchRun(batch, members).run_to_end()
    report.require_success()
    return report
