"""One rehearsal: the names of all that it makes, which follow from its id, and the record of it in Azure.

Nothing is removed that these names do not name, whatever a record says: a record holds facts, never ids to delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import StringConstraints, ValidationError

from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.resource_ids import ResourceId, registry_id
from acr_relocate.core.request.fields import Region

REHEARSAL_TAG: Final = "acr-relocate-rehearsal"
EXPIRY_TAG: Final = "acr-relocate-expires"
RECORD_PREFIX: Final = "acr-relocate-rehearsal-"
GROUP_PREFIX: Final = "acr-relocate-rehearsal-"
SOURCE_END: Final = "-source"
LIFETIME: Final = timedelta(hours=24)

RehearsalId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}$")]
SubscriptionGuid = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F-]{36}$")]


class Rehearsal(FrozenModel):
    """One rehearsal and its places. `registry` is the name of the registry that is to be relocated for good later."""

    id: RehearsalId
    registry: Annotated[str, StringConstraints(pattern="^[a-z0-9]{5,50}$")]
    home: Region
    subscription_id: SubscriptionGuid
    location: Region
    target_subscription_id: SubscriptionGuid
    begun_at: datetime
    expires_at: datetime

    @property
    def small_source(self) -> str:
        """The id of the small registry that stands for the source."""
        return registry_id(self.subscription_id, f"{GROUP_PREFIX}{self.id}{SOURCE_END}", f"rehearsal{self.id}a")

    @property
    def small_target(self) -> str:
        """The id of the registry that it is relocated to."""
        return registry_id(self.target_subscription_id, f"{GROUP_PREFIX}{self.id}-target", f"rehearsal{self.id}b")

    @property
    def consumer(self) -> str:
        """The id of the managed identity that may pull from the small source, and from the target after a cut-over."""
        return f"{self.source_group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/rehearsal{self.id}"

    @property
    def source_group(self) -> str:
        """The id of the group of the small source, which has the record as well. It is made first and goes last."""
        return ResourceId(self.small_source).group_id

    @property
    def target_group(self) -> str:
        """The id of the group of the small target."""
        return ResourceId(self.small_target).group_id

    @property
    def record_name(self) -> str:
        """The name of the record, a deployment of nothing in the group of the small source."""
        return f"{RECORD_PREFIX}{self.id}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of both groups and of the small source."""
        return {REHEARSAL_TAG: self.id, EXPIRY_TAG: self.expires_at.isoformat(timespec="seconds")}

    @property
    def resources(self) -> tuple[str, ...]:
        """The ids of the resources that it makes, in the order in which they are removed; then the groups go."""
        return (self.small_target, self.small_source, self.consumer)

    def is_expired(self, moment: datetime) -> bool:
        """Whether it should be gone by then."""
        return moment > self.expires_at

    def holds(self, host: str, path: str) -> bool:
        """Whether a write to this place stays within what the rehearsal has made. Both in lower case."""
        registries = (ResourceId(self.small_source).name, ResourceId(self.small_target).name)
        groups = (self.source_group.lower(), self.target_group.lower())
        return any(host.startswith((f"{name}.", f"{name}-")) for name in registries) or any(
            f"{path}/".startswith(f"{group}/") for group in groups
        )


def left_behind(found: Iterable[Rehearsal], registry: str) -> tuple[Finding, ...]:
    """Return a finding for each earlier rehearsal of the registry of which something is left."""
    return tuple(
        Finding(
            code="rehearsal_left_behind",
            severity="warning",
            message=f"The rehearsal {one.id} of {registry}, begun {one.begun_at:%Y-%m-%d %H:%M} UTC, has left "
            "resources that are billed, unless it still runs.",
            remedy=f"acr-relocate rehearse --clean {one.id}",
            resource=one.source_group,
        )
        for one in found
        if one.registry == registry
    )


def read_rehearsal(group_id: str, facts: object) -> Rehearsal:
    """Return the rehearsal of a record in the group. Raises RecordBroken unless it is the record of that very group."""
    text = "".join(facts) if isinstance(facts, list) and all(isinstance(one, str) for one in facts) else ""
    try:
        found = Rehearsal.model_validate_json(text)
    except ValidationError:
        raise _broken(group_id, "it says what such a record never says") from None
    if found.source_group.lower() != group_id.lower():
        raise _broken(group_id, "it is of another group")
    return found


def unrecorded(group_id: str, location: str, tags: Mapping[str, str]) -> Rehearsal | None:
    """Return the rehearsal of a group that was made and has no record yet, or None if it is not a rehearsal's."""
    subscription, rehearsal_id = ResourceId(group_id).subscription, tags.get(REHEARSAL_TAG, "")
    try:
        found = Rehearsal(
            id=rehearsal_id,
            registry="unknown",
            home=location,
            subscription_id=subscription,
            location=location,
            target_subscription_id=subscription,
            begun_at=datetime.fromisoformat(tags.get(EXPIRY_TAG, "")) - LIFETIME,
            expires_at=datetime.fromisoformat(tags.get(EXPIRY_TAG, "")),
        )
    except ValueError:
        return None
    return found if found.source_group.lower() == group_id.lower() else None


def _broken(group_id: str, why: str) -> RecordBroken:
    return RecordBroken(
        f"The record of a rehearsal in {group_id.rpartition('/')[2]} cannot be believed: {why}. Nothing was removed",
        code="RecordBroken",
        resource=group_id,
        remedy="Find out in the activity log who wrote the deployment, and remove what is left yourself.",
    )
