"""Push small artifacts and missing tags over the data plane, in batches: the server could not record each of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from prefect import task

from acr_relocate.azure.content.small_push import push_batch
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from tasks.connection import azure
from tasks.retry_policies import IMPORT


class PushRoute:
    """The hosts of both registries, whether tags may be moved, and the digests of the source by repository.

    No model: Prefect looks for task runs in each element of a parameter, and these are many.
    """

    def __init__(self, source: str, target: str, at_source: Mapping[str, AbstractSet[str]], *, force: bool) -> None:
        self.source, self.target, self.at_source, self.force = source, target, at_source, force


@task(name="push-small-artifacts", task_run_name="push-{title}", **IMPORT)
async def push_small_artifacts(
    route: PushRoute,
    items: Sequence[ImportItem],
    title: str,  # noqa: ARG001 - in the name of the task run
) -> tuple[ImportOutcome, ...]:
    """Push the items to the target; return the outcome of each.

    Again: the target is read first, and only missing content is pushed. On failure: some tags may be missing; one that
    names something else is unchanged.
    """
    async with azure() as connection:
        here, there = connection.data_plane(route.source), connection.data_plane(route.target)
        return await push_batch(here, there, items, route.at_source, force=route.force)
