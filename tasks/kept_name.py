"""Keep the name: who has it, wait until it is free, and what the deleted registry leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect import task

from acr_relocate.azure.changes import kept_name
from acr_relocate.azure.content import pull_log
from acr_relocate.azure.discovery import cluster_images
from acr_relocate.core.checks import Unknown
from acr_relocate.core.content.pulls import images_in_use
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.removal.kept_name import NameStage, name_stage, places_of_name, way_back
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.second_hop import second_hop
from tasks.connection import azure
from tasks.inventory import find_registry
from tasks.retry_policies import READ, WAIT_FOR_NAME, WRITE
from tasks.source_restore import restore_source


def require_kept_name(request: RelocationRequest) -> RelocationRequest:
    """Return the request to move everything, without a list of images. Raises InvalidRequest for another name."""
    if not request.keeps_name:
        raise InvalidRequest(
            f"target.name: {request.target.name} is another name, so keep-name has nothing to do",
            remedy="Set target.name to same in the request, or: acr-relocate run REQUEST",
        )
    return request.model_copy(update={"only": []})


async def find_name_stage(request: RelocationRequest) -> NameStage:
    """Return who has the name, by what Azure has now. Only reads."""
    back = target_ref(second_hop(request))
    former, intermediate, returned = await asyncio.gather(
        find_registry(request.source), find_registry(target_ref(request)), find_registry(back)
    )
    return name_stage(request, former, intermediate, returned)


async def find_holder(request: RelocationRequest) -> Registry | None:
    """Return the registry that has the source's name, at its place or at the one where it is kept. Only reads."""
    found = await asyncio.gather(*map(find_registry, places_of_name(request)))
    return next((one for one in found if one), None)


@asynccontextmanager
async def with_way_back(request: RelocationRequest) -> AsyncIterator[None]:
    """Add the way back to the remedy of an error that ends the block: the registry is deleted by then."""
    said = way_back(request)
    try:
        yield
    except RelocationError as error:
        if said not in error.remedy:
            error.remedy = f"{error.remedy} {said}".lstrip()
        raise


async def settle_former(request: RelocationRequest) -> tuple[str, ...]:
    """Remove what is left of the deleted registry, before the next one of that name; return the names.

    The records of its deletion first: of the next registry with its id they would say what was taken from it.
    Again: nothing is left to do. On failure: the rest is removed by another run.
    """
    await restore_source(request)
    return await remove_dead_endpoints(request.source.resource_id)


@task(name="remove-dead-endpoints", task_run_name="remove-dead-endpoints", **WRITE)
async def remove_dead_endpoints(registry_id: str) -> tuple[str, ...]:
    """Delete the private endpoints of the deleted registry. Again: they stay deleted."""
    async with azure() as connection:
        return await kept_name.remove_dead_endpoints(connection, registry_id)


@task(name="wait-for-name", task_run_name="wait-for-the-name-{request.source.name}", **WAIT_FOR_NAME)
async def wait_for_name(request: RelocationRequest) -> None:
    """Return once a registry can have the name. Only reads. On failure: the intermediate registry has everything."""
    async with azure() as connection:
        await kept_name.require_free_name(connection, second_hop(request).target_id, way_back(request))


@task(name="read-images-in-use", task_run_name="read-images-in-use-of-{request.source.name}", **READ)
async def read_images_in_use(request: RelocationRequest, around: Surroundings, held: Content) -> list[str]:
    """Return what clusters ran and consumers pulled lately by the former registry's name, of what is held. Only reads.

    Without logs, none: then all images are in use alike.
    """
    async with azure() as connection:
        server = f"{request.source.name}.{held.login_server.partition('.')[2]}"
        clusters = () if isinstance(around.clusters, Unknown) else around.clusters
        running = await cluster_images.images_running(connection, server, clusters)
        pulled = await pull_log.recent_pulls(connection, request.source.resource_id, around)
        return images_in_use(held, (ran for ran in running.values() if not isinstance(ran, Unknown)), pulled)
