"""Make a replica of the source, follow its synchronisation, remove it."""

from typing import Any

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.content.source_replica import REPLICA_TAG, ReplicaStatus, SourceReplica
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import STABLE

_READY = "ready"
_FAILED = "failed"


async def make_replica(azure: AzureConnection, replica: SourceReplica) -> None:
    """Create the replica and wait until Azure has made it. It may still be synchronising then."""
    body = {"location": replica.location, "tags": {REPLICA_TAG: replica.tag}, "properties": {}}
    await azure.arm.put(replica.id, STABLE, body, doing=f"Making {_words(replica)}")


async def replica_status(azure: AzureConnection, replica: SourceReplica) -> ReplicaStatus:
    """Return how far the replica is. Raises RelocationError if it has failed."""
    found = await azure.arm.get(replica.id, STABLE, doing=f"Looking at {_words(replica)}")
    properties: dict[str, Any] = found.get("properties") or {}
    status: dict[str, Any] = properties.get("status") or {}
    name, message = str(status.get("displayStatus") or ""), str(status.get("message") or "")
    words = f"{name}: {message}" if message else name
    if _FAILED in {name.lower(), str(properties.get("provisioningState")).lower()}:
        raise RelocationError(
            f"Azure could not make {_words(replica)}: {words or 'it gives no reason'}",
            code="ReplicationFailed",
            resource=replica.id,
            remedy="Ask Azure why, or set `via_replica: false`; the imports do not need it.",
        )
    return ReplicaStatus(words=words, is_ready=name.lower() == _READY)


async def remove_replica(azure: AzureConnection, replica: SourceReplica) -> None:
    """Delete the replica and wait until it is gone. Does nothing if it is absent, or made by others."""
    found = await azure.arm.find(replica.id, STABLE, doing=f"Looking at {_words(replica)}")
    if not found or (found.get("tags") or {}).get(REPLICA_TAG) != replica.tag:
        return
    await azure.arm.delete(replica.id, STABLE, doing=f"Removing {_words(replica)}")


def _words(replica: SourceReplica) -> str:
    return f"the replica of {ResourceId(replica.registry_id).name} in {replica.location}"
