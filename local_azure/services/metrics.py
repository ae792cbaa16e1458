"""Azure Monitor's metrics of a registry: how often it was pulled from and pushed to, by day.

Source: Azure Monitor, Metrics - List; container-registry monitor-registry-reference (`SuccessfulPullCount`).
"""

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_types import missing_version
from local_azure.registry.pull_counts import counted_by_day
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()
METRICS: Final = {"SuccessfulPullCount": "pull", "SuccessfulPushCount": "push"}


@ROUTES.route("GET", "/{scope:path}/providers/Microsoft.Insights/metrics")
async def list_metrics(call: Call) -> web.Response:
    """Return the totals of each day in the timespan."""
    if not call.api_version:
        raise missing_version()
    registry = call.world.resources.require(call.params.scope)
    names = [name for name in call.query.get("metricnames", "").split(",") if name]
    if unknown := [name for name in names if name not in METRICS]:
        message = f"Failed to find metric configuration for provider: Microsoft.ContainerRegistry, metric: {unknown[0]}"
        raise bad_request("BadRequest", message, plain=True)
    span = call.query.get("timespan", "")
    first, last = (datetime.fromisoformat(moment).date() for moment in span.split("/"))
    value = [_metric(registry, name, first.isoformat(), last.isoformat()) for name in names]
    told = {"cost": 0, "timespan": span, "interval": call.query.get("interval", "P1D"), "value": value}
    return answer(told | {"namespace": "Microsoft.ContainerRegistry/registries", "resourceregion": registry.location})


def _metric(registry: Resource, name: str, first: str, last: str) -> dict[str, Any]:
    days = counted_by_day(registry, METRICS[name])
    data = [
        {"timeStamp": f"{day}T00:00:00Z", "total": float(days[day])} for day in sorted(days) if first <= day <= last
    ]
    return {
        "id": f"{registry.id}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": "Count",
        "timeseries": [{"metadatavalues": [], "data": data}],
        "errorCode": "Success",
    }
