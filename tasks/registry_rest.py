"""Lock a whole registry while something is compared there that is then destroyed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prefect import task

from acr_relocate.azure.content import freeze as freezing
from acr_relocate.core.content.selection import everything
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tasks.connection import azure
from tasks.retry_policies import READ
from tasks.source_freeze import frozen


@asynccontextmanager
async def registry_at_rest(request: RelocationRequest, registry: Registry) -> AsyncIterator[frozenset[str]]:
    """Lock every repository of the registry against pushes and deletions while the block runs.

    A lock needs a repository, so new ones are locked until no more are found. Yields their names. After the
    block they are as before, unless the registry is gone. After a kill, the next run that writes restores them: by the
    names that the registry itself has for them.
    """
    known: frozenset[str] = frozenset()
    is_target = registry.id.lower() == request.target_id.lower()
    whole = everything(request.selection, request.names if is_target else AS_AT_SOURCE)
    async with azure(), AsyncExitStack() as locked:
        while (new := await look_for_new_repositories(registry.login_server, whole, known)).repositories:
            await locked.enter_async_context(frozen(_whole(request), registry, new))
            known |= {repository.name for repository in new.repositories}
        yield known


@task(name="look-for-new-repositories", task_run_name="look-for-new-repositories-of-{login_server}", **READ)
async def look_for_new_repositories(login_server: str, selection: Selection, known: frozenset[str]) -> Content:
    """Return the repositories that are not locked yet, with their lock attributes. Only reads."""
    async with azure() as connection:
        return await freezing.new_repositories(connection.data_plane(login_server), selection, known)


def _whole(request: RelocationRequest) -> RelocationRequest:
    return request.model_copy(update={"selection": Selection()})
