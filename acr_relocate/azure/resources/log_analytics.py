"""Query Log Analytics through Azure Resource Manager: in every cloud, with the token and rate limit of every read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import ListingIncomplete

# learn.microsoft.com/azure/azure-monitor/logs/api/request-format, "through Azure Resource Manager"
_LOGS: Final = "2017-01-01-preview"

Json = dict[str, Any]


async def query_logs(
    azure: AzureConnection, workspace_id: str, kql: str, timespan: str, *, doing: str
) -> tuple[Json, ...]:
    """Return a workspace's rows for the query in the last `timespan` (an ISO 8601 duration such as P7D).

    Raises AccessDenied without Microsoft.OperationalInsights/workspaces/query/read, which Reader has, and
    ListingIncomplete if Azure answers with part of the rows.
    """
    asked = urlencode({"query": kql, "timespan": timespan})
    answer = await azure.arm.call("GET", f"{workspace_id}/api/query", _LOGS, doing=doing, query=asked)
    if error := answer.body.get("error"):
        raise ListingIncomplete(f"{doing} failed: {error.get('message', error)}", resource=workspace_id)
    return tuple(
        dict(zip((column["name"] for column in table["columns"]), row, strict=True))
        for table in answer.body["tables"][:1]  # the others are statistics
        for row in table["rows"]
    )


def literals(values: Iterable[str]) -> str:
    """Return the values as quoted strings of the query language."""
    return ", ".join(map(literal, values))


def literal(text: str) -> str:
    """Return the text as a quoted string of the query language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
