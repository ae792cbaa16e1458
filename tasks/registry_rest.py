"""Lock a whole registry while something is compared there that is then destroyed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prefect import task

from acr_relocate.azure.content import freeze as freezing
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tasks.connection import azure
from tasks.retry_policies import READ
from tasks.source_freeze import frozen


def everything(request: RelocationRequest) -> Selection:
    """Select all content of a registry, with the hidden repositories that the request names in full."""
    return Selection(repositories=["*", *request.selection.repositories])


@asynccontextmanager
async def registry_at_rest(request: RelocationRequest, registry: Registry) -> AsyncIterator[frozenset[str]]:
    """Lock every repository of the registry against pushes and deletions while the block runs.

    A lock needs a repository, so new ones are locked until no more are found. Yields their names. After the
    block they are as before, unless the registry is gone. After a kill, the next run that writes restores them.
    """
    known: frozenset[str] = frozenset()
    async with azure(), AsyncExitStack() as locked:
        while (new := await look_for_new_repositories(registry.login_server, everything(request), known)).repositories:
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
