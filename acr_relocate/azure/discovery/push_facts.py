"""Read what decides whether small artifacts may be pushed. Writes nothing; unreadable facts are Unknown."""

from __future__ import annotations

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_none, or_unknown
from acr_relocate.azure.discovery import attachments
from acr_relocate.azure.discovery.dependents import role_assignments
from acr_relocate.azure.resources import scopes
from acr_relocate.core.access.permissions import target_group
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest


async def read_push_facts(azure: AzureConnection, request: RelocationRequest, target: Registry | None) -> PushFacts:
    """Return the facts about the target, or about its group if it does not exist; nothing for imports alone."""
    if request.small_artifacts == "import":
        return PushFacts()
    group = target_group(request)
    place = target.id if target else group
    permissions = scopes.permissions(azure, place) if target else scopes.permissions_in_group(azure, group)
    async with together() as reading:
        granted = reading.create_task(or_none(permissions, f"the permissions at {place}"))
        roles = reading.create_task(or_unknown(role_assignments(azure, place), f"the role assignments at {place}"))
        ids = reading.create_task(azure.own_ids())
        events = (
            reading.create_task(
                or_unknown(attachments.event_subscriptions(azure, target.id), f"the event subscriptions of {place}")
            )
            if target
            else None
        )
    return PushFacts(
        permissions=granted.result(),
        role_assignments=roles.result(),
        own_ids=ids.result(),
        event_subscriptions=events.result() if events else (),
    )
