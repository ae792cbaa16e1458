"""Read the activity log: Azure keeps each change of a resource there for 90 days, and lets no client write there."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.registry.resource_ids import ResourceId

_EVENTS: Final = "2015-04-01"  # learn.microsoft.com/rest/api/monitor/activity-logs/list


async def was_deleted(azure: AzureConnection, resource_id: str, since: str) -> bool:
    """Return whether the log shows a deletion of the resource since this moment; it lags by some minutes.

    Raises AccessDenied without Microsoft.Insights/eventtypes/values/read, which Reader has.
    """
    wanted = ResourceId(resource_id)
    events = await azure.arm.list(
        f"/subscriptions/{wanted.subscription}/providers/Microsoft.Insights/eventtypes/management/values",
        _EVENTS,
        doing=f"Reading the activity log about {wanted.name}",
        query="$filter=" + quote(f"eventTimestamp ge '{since}' and resourceUri eq '{resource_id}'"),
    )
    return any(
        str(one["resourceId"]).lower() == resource_id.lower()
        and one["operationName"]["value"].lower().endswith("/delete")
        and one["status"]["value"].lower() == "succeeded"
        for one in events
    )
