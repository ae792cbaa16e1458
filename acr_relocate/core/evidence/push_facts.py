"""Facts about pushing to the target: our own right, the others who have one, and who hears of a push."""

from __future__ import annotations

from typing import Any

from acr_relocate.core.evidence.azure_facts import PermissionSet
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel


class PushFacts(FrozenModel):
    """Read only where the request lets artifacts be pushed; a target that does not exist yet has only permissions.

    `permissions`: of the running identity at the target or its group. `role_assignments`: as Azure lists them there.
    `own_ids`: the ids of the running identity. `event_subscriptions`: their ids.
    """

    permissions: tuple[PermissionSet, ...] | Unknown | None = ()
    role_assignments: tuple[dict[str, Any], ...] | Unknown = ()
    own_ids: tuple[str, ...] = ()
    event_subscriptions: tuple[str, ...] | Unknown = ()
