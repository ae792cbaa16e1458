"""What a run owes a registry: written down at the Prefect server before it is taken, so that it is always given back.

A record is an artifact, which outlives a worker that is killed. One that is there has not been given back.
"""

from typing import TypeVar
from uuid import UUID

from prefect import get_client
from prefect.artifacts import Artifact
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, ArtifactFilterType

from acr_relocate.core.model import Restorable
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.artifacts import ignore_server_errors

Debt = TypeVar("Debt", bound=Restorable)


async def save_record(request: RelocationRequest, debt: Restorable) -> UUID:
    """The Prefect server remembers what is to be given back, in the artifact of this id. Raises if it does not."""
    kind, data = type(debt), debt.model_dump(mode="json")
    record = await Artifact(type=_artifact_type(kind), key=_key(request, kind), data=data).acreate()
    return UUID(str(record.id))


async def delete_record(record: UUID) -> None:
    """It has been given back. A server that is away keeps the record, and giving back again does no harm."""
    async with get_client() as client:
        await ignore_server_errors(client.delete_artifact(record))


async def pending_restores(request: RelocationRequest, kind: type[Debt]) -> list[tuple[UUID, Debt]]:
    """What earlier runs have not given back to the source, each with the id of its record."""
    wanted = ArtifactFilter(
        key=ArtifactFilterKey(any_=[_key(request, kind)]), type=ArtifactFilterType(any_=[_artifact_type(kind)])
    )
    async with get_client() as client:
        found = await client.read_artifacts(artifact_filter=wanted)
    debts = [(UUID(str(artifact.id)), kind.model_validate_json(str(artifact.data))) for artifact in found]
    return [(record, debt) for record, debt in debts if debt.registry_id == request.source.resource_id.lower()]


def _artifact_type(kind: type[Restorable]) -> str:
    return f"acr-relocate-{kind.record_kind}"


def _key(request: RelocationRequest, kind: type[Restorable]) -> str:
    return f"{_artifact_type(kind)}-{request.source.name}"
