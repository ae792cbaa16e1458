"""Push small artifacts and missing tags over the data plane, in batches: the server could not record each of them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from prefect import task

from acr_relocate.azure.content.small_push import PushState, push_batch
from acr_relocate.azure.discovery import push_facts
from acr_relocate.core.checks.pushing import PushContent, PushScene, may_push
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import IMPORT, READ


@task(name="look-at-pushing", task_run_name="look-at-pushing-to-{request.target.name}", **READ)
async def look_at_pushing(request: RelocationRequest, target: Registry | None) -> PushFacts:
    """Return our right to push to the target, the others who have one, and who hears of a push. Only reads."""
    async with azure() as connection:
        return await push_facts.read_push_facts(connection, request, target)


async def pushes_allowed(
    request: RelocationRequest, source: Registry, target: Registry | None, content: PushContent
) -> bool:
    """Return whether small artifacts may be pushed now; without a call if the request wants imports alone."""
    if request.small_artifacts == "import":
        return False
    facts = await look_at_pushing(request, target)
    return may_push(PushScene(request, source, target, facts, content))


class PushRoute:
    """The hosts of both registries, the names at the target, the digests of the source, and what the pushes share.

    `force`: whether tags may be moved.

    No model: Prefect looks for task runs in each element of a parameter, and these are many.
    """

    def __init__(
        self, source: str, target: str, names: RenameMap, at_source: Mapping[str, AbstractSet[str]], *, force: bool
    ) -> None:
        self.source, self.target, self.names, self.at_source, self.force = source, target, names, at_source, force
        self.state = PushState()


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
        here, there = connection.data_plane(route.source), connection.data_plane(route.target, route.names)
        return await push_batch(here, there, items, route.at_source, route.state, force=route.force)
