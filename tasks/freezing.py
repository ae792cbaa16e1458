"""The source at rest while the last pass runs. What is locked is written down first, so that it is always given back.

The record is an artifact at the Prefect server, which outlives a worker that is killed: the next run that writes gives
back what an earlier one could not. Where it cannot be written down, nothing is locked.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from uuid import UUID

from prefect import get_client, task
from prefect.artifacts import Artifact
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, ArtifactFilterType

from acr_relocate.azure import freezing
from acr_relocate.azure.data_plane import DataPlane
from acr_relocate.azure.together import together
from acr_relocate.core.attributes import AttributeChange
from acr_relocate.core.freezing import Freeze, to_freeze
from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.request import RelocationRequest
from tasks.connection import azure
from tasks.reporting import tolerating
from tasks.retrying import WRITE

FREEZE_DATA = "acr-relocate-freeze"
"""The type of the artifacts. Their key names the source: `frozen-NAME`. One that is there has not been given back."""


@asynccontextmanager
async def frozen(request: RelocationRequest, source: Registry, content: Content) -> AsyncIterator[Freeze]:
    """Nobody can push to the selected repositories while the block runs; afterwards they are as before, whatever came.

    Yields what is frozen, with how it was. After a kill, the next run that writes gives them back (`thaw_left_behind`).
    """
    freeze = to_freeze(source.id, content, request.selection)
    record = await write_down(request, freeze)
    try:
        await lock_source(freeze)
        yield freeze
    finally:
        await unlock_source(freeze)
        async with get_client() as client:
            await tolerating(client.delete_artifact(record))


async def thaw_left_behind(request: RelocationRequest) -> None:
    """Nothing of the source is locked that a last pass has locked. Raises what keeps it from being given back."""
    async with get_client() as client:
        wanted = ArtifactFilter(
            key=ArtifactFilterKey(any_=[_key(request)]), type=ArtifactFilterType(any_=[FREEZE_DATA])
        )
        for artifact in await client.read_artifacts(artifact_filter=wanted):
            freeze = Freeze.model_validate_json(str(artifact.data))
            if freeze.registry_id == request.source.resource_id.lower():
                await unlock_source(freeze)
                await client.delete_artifact(UUID(str(artifact.id)))


@task(name="freeze-source", task_run_name="freeze-{freeze.login_server}", **WRITE)
async def lock_source(freeze: Freeze) -> None:
    """Nobody can push to these repositories or delete from them.

    Again: the same. On failure: some may be locked; the record of all of them is at the Prefect server.
    """
    await _each(freeze, freezing.put_to_rest)


@task(name="thaw-source", task_run_name="thaw-{freeze.login_server}", **WRITE)
async def unlock_source(freeze: Freeze) -> None:
    """These repositories are as they were before the freeze; what somebody has changed since is left alone.

    Again: nothing is left to do. On failure: the record stays, and the next run tries again.
    """
    await _each(freeze, freezing.wake)


async def write_down(request: RelocationRequest, freeze: Freeze) -> UUID:
    """The Prefect server remembers what is to be given back, in the artifact of this id. Raises if it does not."""
    record = await Artifact(type=FREEZE_DATA, key=_key(request), data=freeze.model_dump(mode="json")).acreate()
    return UUID(str(record.id))


async def _each(freeze: Freeze, change: Callable[[DataPlane, AttributeChange], Coroutine[None, None, None]]) -> None:
    async with azure() as connection, together() as group:
        plane = connection.data_plane(freeze.login_server)
        for before in freeze.before:
            group.create_task(change(plane, before))


def _key(request: RelocationRequest) -> str:
    return f"frozen-{request.source.name}"
