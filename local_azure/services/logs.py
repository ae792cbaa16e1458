"""Log Analytics: the tables of a workspace, asked through Azure Resource Manager.

Source: Azure Monitor Logs API, "Request format" (`…/workspaces/NAME/api/query`) and "Response format" (tables of
columns and rows). The rows are what seeds and tests planted: nothing here writes logs.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from local_azure.arm.authorization import authorize
from local_azure.arm.resource_types import missing_version
from local_azure.graph_queries.operators import parse
from local_azure.graph_queries.values import Row, UnsupportedQuery
from local_azure.state.errors import AzureError, JsonObject, bad_request, resource_not_found
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

LOGS: Final = "logs"  # where a workspace keeps its tables, hidden from ARM
GROUP: Final = "/subscriptions/{subscription}/resourceGroups/{group}"
WORKSPACE: Final = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspace}}"
SPAN: Final = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")


def write_logs(workspace: Resource, table: str, rows: list[Row]) -> None:
    """Add rows to the workspace's table. Each has its `TimeGenerated`."""
    workspace.hidden.setdefault(LOGS, {}).setdefault(table, []).extend(rows)


@ROUTES.route("GET", f"{WORKSPACE}/api/query")
async def query_logs(call: Call) -> web.StreamResponse:
    """Answer with the rows of a query, in Azure's table format."""
    if not call.api_version:
        raise missing_version()
    workspace = call.world.resources.get(call.path.removesuffix("/api/query"))
    if workspace is None:
        raise resource_not_found(call.path.removesuffix("/api/query"))
    try:
        rows = _run(call, workspace)
    except UnsupportedQuery as refused:
        raise _invalid(str(refused)) from refused
    return answer({"tables": [_table(rows)]})


def _invalid(reason: str) -> AzureError:
    """Return the error, with the reason two levels down (logs.query.semanticError)."""
    unknown = reason.startswith("Failed to resolve")
    kind, code = ("SemanticError", "SEM0100") if unknown else ("SyntaxError", "SYN0002")
    message = f"'{'where' if unknown else 'query'}' operator: {reason}"
    inner = {"code": kind, "message": f"A {'semantic' if unknown else 'syntax'} error occurred."}
    found = inner | {"innererror": {"code": code, "message": message, "line": 1, "pos": 1, "token": ""}}
    outer = "The request had some invalid properties"
    return bad_request("BadArgumentError", outer, inner=found, plain=True)


def _run(call: Call, workspace: Resource) -> list[Row]:
    name, operators = parse(call.query.get("query", ""))
    # azure-monitor/logs/manage-access, "Table access": beside running queries, each table is allowed by its name
    authorize(call.world, call.caller, f"{workspace.type}/query/{name}/read", workspace.id)
    tables = {table.lower(): rows for table, rows in workspace.hidden.get(LOGS, {}).items()}
    if name not in tables:
        raise UnsupportedQuery(f"Failed to resolve table or column expression named '{name}'")
    now = datetime.fromtimestamp(call.world.clock.now(), UTC)
    earliest = now - _length(call.query.get("timespan", ""))
    rows: list[Row] = [row for row in tables[name] if datetime.fromisoformat(str(row["TimeGenerated"])) >= earliest]
    for operator in operators:
        rows = operator(rows)
    return rows


def _length(timespan: str) -> timedelta:
    """Parse an ISO 8601 duration; without one all rows count."""
    if not timespan:
        return timedelta(days=36_500)
    found = SPAN.fullmatch(timespan)
    if found is None:
        raise UnsupportedQuery(f"the timespan '{timespan}' is not supported")
    return timedelta(**{unit: int(count) for unit, count in found.groupdict().items() if count})


def _table(rows: list[Row]) -> JsonObject:
    names = list(rows[0]) if rows else []
    kinds: dict[type, str] = {str: "string", int: "long", float: "real", bool: "bool"}
    columns: list[Any] = [{"name": name, "type": kinds.get(type(rows[0][name]), "dynamic")} for name in names]
    return {"name": "PrimaryResult", "columns": columns, "rows": [[row[name] for name in names] for row in rows]}
