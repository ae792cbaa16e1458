"""POST /providers/Microsoft.ResourceGraph/resources."""

import base64
import json
from typing import Any

from aiohttp import web

from local_azure.arm.authorization import note_shown
from local_azure.arm.resource_types import missing_version
from local_azure.graph_queries.operators import parse
from local_azure.graph_queries.tables import rows_of
from local_azure.graph_queries.values import Row, UnsupportedQuery
from local_azure.state.errors import AzureError, JsonObject, bad_request
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

PAGE = 100
QUOTA = {  # of Resource Graph itself: 15 queries in 5 seconds
    "x-ms-user-quota-remaining": "14",
    "x-ms-user-quota-resets-after": "00:00:05",
    "x-ms-ratelimit-remaining-tenant-resource-requests": "14",
}
LARGEST_PAGE = 1000


@ROUTES.route("POST", "/providers/Microsoft.ResourceGraph/resources")
async def query_resources(call: Call) -> web.StreamResponse:
    """Answer with the rows of a query, a page at a time."""
    if not call.api_version:
        raise missing_version()
    call.headers |= QUOTA
    body = await call.json()
    try:
        rows = _run(call, str(body.get("query") or ""), body.get("subscriptions") or [])
    except UnsupportedQuery as refused:
        raise _invalid(call, str(refused)) from refused
    return answer(_page(rows, body.get("options") or {}))


def _run(call: Call, query: str, subscriptions: list[str]) -> list[Row]:
    table, operators = parse(query)
    rows = rows_of(call.world, call.caller, table, subscriptions)
    for operator in operators:
        rows = operator(rows)
    note_shown(call.world, (str(row.get("id", "")) for row in rows))
    return rows


def _invalid(call: Call, reason: str) -> AzureError:
    """Return the error: a generic outer message, with the reason in the details (graph.query.invalid)."""
    by_us = " by the embedded Azure" if reason.endswith("supported") else ""
    moment = call.world.clock.iso()
    outer = "Please provide below info when asking for support: "
    details = [
        {"code": "InvalidQuery", "message": "Query is invalid. Please refer to the documentation and fix the error."},
        {"code": "ParserFailure", "message": f"{reason[:1].upper()}{reason[1:]}{by_us}.", "line": 1,
         "characterPositionInLine": 0, "token": "<EOF>", "expectedToken": ""},
    ]  # fmt: skip
    message = f"{outer}timestamp = {moment}, correlationId = {call.correlation_id}."
    return bad_request("BadRequest", message, details=details, plain=True)


def _page(rows: list[Row], options: dict[str, Any]) -> JsonObject:
    token = options.get("$skipToken")
    start = _offset(str(token)) if token else int(options.get("$skip") or 0)
    size = min(int(options.get("$top") or PAGE), LARGEST_PAGE)
    page = rows[start : start + size]
    more = start + size < len(rows)
    as_table = str(options.get("resultFormat", "")).lower() == "table"
    result: JsonObject = {
        "totalRecords": len(rows),
        "count": len(page),
        "resultTruncated": "true" if more and not page else "false",
        "data": _table(page) if as_table else page,
        "facets": [],
    }
    return result | ({"$skipToken": _token(start + size)} if more else {})


def _token(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


def _offset(token: str) -> int:
    try:
        return int(json.loads(base64.b64decode(token))["offset"])
    except (ValueError, KeyError, TypeError) as error:
        raise bad_request("BadRequest", "The skip token is not valid.", gateway=True) from error


def _table(rows: list[Row]) -> JsonObject:
    names = list(rows[0]) if rows else []
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean"}
    columns = [{"name": name, "type": kinds.get(type(rows[0][name]), "object")} for name in names]
    return {"columns": columns, "rows": [[row.get(name) for name in names] for row in rows]}
