"""A replica of the source in the target's region, so that imports can read nearby.

Azure does not document whether an import reads from the nearest replica. Two rehearsals measure it, one with the
replica and one without; nothing here depends on the answer.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StringConstraints

from acr_relocate.core.model import FrozenModel, Restorable
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest

REPLICA_TAG: Final = "acr-relocate-made"
"""The tag of a replica that this service made. Its value is the registry's id: without it, none is removed."""

SMALLEST_SHARE: Final = 0.1
"""A replica takes all that the source holds. For less than this share of the selected bytes none is made."""


class SourceReplica(Restorable):
    """A replica that this service makes at the source, and removes when the imports have ended."""

    record_kind = "replica"
    location: Annotated[str, StringConstraints(max_length=50, pattern=r"^[a-z0-9]{5,50}$")]

    @property
    def id(self) -> str:
        """Return its resource id. Like az, it is named after its region."""
        return f"{self.registry_id}/replications/{self.location}"

    @property
    def tag(self) -> str:
        """Return the value of the tag by which Azure shows that the replica is ours; a tag may have 256 characters."""
        return self.registry_id[-256:]


class PendingReplica(FrozenModel):
    """A replica of ours that was not removed, and when it was recorded (Azure's clock)."""

    since: str
    replica: SourceReplica

    @property
    def message(self) -> str:
        """Return the message for every place that reports it."""
        registry = ResourceId(self.replica.registry_id).name
        run = self.replica.taken_by or "an import"
        return f"{registry} has a replica in {self.replica.location}, made by {run} since {self.since} and not removed."


class ReplicaStatus(FrozenModel):
    """The state of a replica as Azure shows it, in its own words. `is_ready`: it has all that the source holds."""

    words: str = ""
    is_ready: bool = False


def replica_for(request: RelocationRequest, source: Registry, taken_by: str = "") -> SourceReplica:
    """Return the replica of the source in the target's region."""
    location = normalise_location(request.target.location)
    return SourceReplica(registry_id=source.id.lower(), taken_by=taken_by, location=location)


def why_no_replica(request: RelocationRequest, source: Registry) -> str:
    """Return why the source can have no replica for this relocation; empty if it can.

    Source: D/container-registry-geo-replication.md; Premium only, and not beside the soft delete policy.
    """
    region = normalise_location(request.target.location)
    if region == normalise_location(source.location):
        return f"{region} is its own region"
    if source.sku.lower() != "premium":
        return f"its SKU is {source.sku}, and only Premium has replicas"
    policies = source.properties.get("policies") or {}
    if str((policies.get("softDeletePolicy") or {}).get("status")).lower() == "enabled":
        return "its soft delete policy is enabled, beside which Azure makes no replica"
    return ""


def has_replica(source: Registry, location: str) -> bool:
    """Return whether the registry has a replica in this region."""
    places = (normalise_location(child.location or child.name) for child in source.children_of("replications"))
    return normalise_location(location) in places


def wants_replica(request: RelocationRequest, source: Registry, missing_bytes: int, all_bytes: int) -> bool:
    """Return whether to make a replica: requested, possible, not there, and worth it for what is missing.

    Args:
        request: The relocation.
        source: The registry as it is.
        missing_bytes: The size of what the target lacks.
        all_bytes: The size of the selected content.

    """
    if not request.via_replica or why_no_replica(request, source) or has_replica(source, request.target.location):
        return False
    return missing_bytes > 0 and missing_bytes >= all_bytes * SMALLEST_SHARE
