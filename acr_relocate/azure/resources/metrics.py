"""Azure's own metrics of a registry, which are kept for 93 days without any setting (monitor-registry-reference)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from acr_relocate.azure.client.session import AzureConnection

_METRICS: Final = "2023-10-01"
_LONGEST_KEPT: Final = 93
_NAMES: Final = ("SuccessfulPullCount", "SuccessfulPushCount")


async def pulls_and_pushes(azure: AzureConnection, registry_id: str, days: int) -> tuple[int, int]:
    """Return how many pulls and pushes Azure counted in the last days, those of all clients."""
    now = datetime.now(UTC)
    since = now - timedelta(days=min(days, _LONGEST_KEPT))
    asked = urlencode(
        {
            "metricnames": ",".join(_NAMES),
            "timespan": f"{since:%Y-%m-%dT%H:%M:%SZ}/{now:%Y-%m-%dT%H:%M:%SZ}",
            "interval": "P1D",
            "aggregation": "Total",
        }
    )
    path = f"{registry_id}/providers/Microsoft.Insights/metrics"
    doing = f"Reading Azure's metrics of {registry_id.rsplit('/', 1)[-1]}"
    found = (await azure.arm.call("GET", path, _METRICS, doing=doing, query=asked)).body.get("value") or ()
    counted = {str((one.get("name") or {}).get("value")): _total(one) for one in found}
    return counted.get(_NAMES[0], 0), counted.get(_NAMES[1], 0)


def _total(metric: dict[str, Any]) -> int:
    return int(sum(point.get("total") or 0 for series in metric.get("timeseries") or () for point in series["data"]))
