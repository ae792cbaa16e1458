"""Azure Monitor's activity log: the deletions of resources, the last first.

Source: Activity Logs - List (2015-04-01); azure-monitor/platform/activity-log-schema.
"""

import re
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_types import missing_version
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()
_SINCE: Final = re.compile(r"eventTimestamp ge '([^']+)'")
_OF: Final = re.compile(r"resourceUri eq '([^']+)'")


@ROUTES.route("GET", "/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values")
async def list_events(call: Call) -> web.Response:
    """Return the events since a moment, of one resource if the filter names it."""
    if not call.api_version:
        raise missing_version()
    asked = call.query.get("$filter", "")
    since, of = _SINCE.search(asked), _OF.search(asked)
    if since is None:
        raise bad_request("BadRequest", "The start time of the query must be specified in the filter.", plain=True)
    first = datetime.fromisoformat(since[1]).timestamp()
    events = [
        _event(call.world, moment, resource_id)
        for moment, resource_id in reversed(call.world.deletions)
        if moment >= first
        and parse_id(resource_id).subscription == call.params.subscription
        and (of is None or of[1].lower() == resource_id.lower())
    ]
    return answer({"value": events})


def _event(world: World, moment: float, resource_id: str) -> dict[str, Any]:
    parsed = parse_id(resource_id)
    at = world.clock.iso(moment)
    return {
        "channels": "Operation",
        "category": _named("Administrative"),
        "eventName": {"value": "EndRequest", "localizedValue": "End request"},
        "level": "Informational",
        "resourceGroupName": parsed.group,
        "resourceProviderName": _named(parsed.namespace),
        "resourceId": resource_id,
        "resourceType": _named(parsed.type),
        "operationName": _named(f"{parsed.type}/delete"),
        "status": _named("Succeeded"),
        "subStatus": {"value": "OK", "localizedValue": "OK (HTTP Status Code: 200)"},
        "eventTimestamp": at,
        "submissionTimestamp": at,
        "subscriptionId": parsed.subscription,
    }


def _named(value: str) -> dict[str, str]:
    return {"value": value, "localizedValue": value}
