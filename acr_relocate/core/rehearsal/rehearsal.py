"""One rehearsal: the names of all that it makes, which follow from its id, and the record of it in Azure.

Nothing is removed that these names do not name, whatever a record says: a record holds facts, never ids to delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

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
LockLevel = Literal["CanNotDelete", "ReadOnly"]
MOST_OF_A_KIND: Final = 16
Count = Annotated[int, Field(ge=0, le=MOST_OF_A_KIND)]
SubscriptionGuid = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F-]{36}$")]


class Rehearsal(FrozenModel):
    """One rehearsal and its places. `registry` is the name of the registry that is to be relocated for good later.

    `endpoints` and `settings` count the private endpoints and diagnostic settings that it makes; their names follow
    from its id, as those of the locks of these levels do.
    """

    id: RehearsalId
    registry: Annotated[str, StringConstraints(pattern="^[a-z0-9]{5,50}$")]
    home: Region
    subscription_id: SubscriptionGuid
    location: Region
    target_subscription_id: SubscriptionGuid
    begun_at: datetime
    expires_at: datetime
    endpoints: Count = 0
    settings: Count = 0
    locks: tuple[LockLevel, ...] = ()

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
    def private_endpoints(self) -> tuple[str, ...]:
        """The ids of its private endpoints to the small target."""
        kind = f"{self.target_group}/providers/Microsoft.Network/privateEndpoints"
        return tuple(f"{kind}/{self._name_of(number)}" for number in range(self.endpoints))

    @property
    def interfaces(self) -> tuple[str, ...]:
        """The ids of the network interfaces of its private endpoints. They come and go with these."""
        return tuple(one.replace("/privateEndpoints/", "/networkInterfaces/") for one in self.private_endpoints)

    @property
    def diagnostic_settings(self) -> tuple[str, ...]:
        """The ids of its diagnostic settings of the small target."""
        kind = f"{self.small_target}/providers/Microsoft.Insights/diagnosticSettings"
        return tuple(f"{kind}/{self._name_of(number)}" for number in range(self.settings))

    @property
    def source_locks(self) -> dict[str, LockLevel]:
        """The ids of the locks of the small source, with their levels."""
        kind = f"{self.small_source}/providers/Microsoft.Authorization/locks"
        return {f"{kind}/rehearsal{self.id}-{level.lower()}": level for level in self.locks}

    @property
    def resources(self) -> tuple[str, ...]:
        """The ids of the resources that it makes, in the order in which they are removed; then the groups go."""
        return (*self.private_endpoints, self.small_target, self.small_source, self.consumer)

    @property
    def extensions(self) -> tuple[str, ...]:
        """The ids of what it makes at its registries, removed before these: locks forbid that, settings outlast it."""
        replayed = (one.replace(self.small_source, self.small_target) for one in self.source_locks)
        return (*replayed, *self.source_locks, *self.diagnostic_settings)

    def _name_of(self, number: int) -> str:
        return f"rehearsal{self.id}-{number}"

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
        f"The record of a rehearsal in {group_id.rpartition('/')[2]} is not credible: {why}. Nothing was removed",
        code="RecordBroken",
        resource=group_id,
        remedy="Find out in the activity log who wrote the deployment, and remove what is left yourself.",
    )
