"""Query Azure Resource Graph."""

from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import UnexpectedAnswer

Json = dict[str, Any]


_API: Final = "2024-04-01"
PATH: Final = "/providers/Microsoft.ResourceGraph/resources"
_PAGE: Final = 1000


GRAPH_COLUMNS: Final = "project id, name, type, kind, location, identity, properties"


async def query_graph(
    azure: AzureConnection, kql: str, *, doing: str = "Asking Azure Resource Graph for users of the registry"
) -> tuple[Json, ...]:
    """Return all rows of the query from every subscription that this identity may read.

    Resource Graph lags behind Azure by seconds to minutes.
    """
    rows: list[Json] = []
    options: Json = {"$top": _PAGE, "resultFormat": "objectArray"}
    while True:
        answer = await azure.arm.post(PATH, _API, {"query": kql, "options": options}, doing=doing)
        page = answer["data"]
        if not isinstance(page, list):
            raise UnexpectedAnswer(f"{doing} failed: the answer has no rows", resource=PATH)
        rows += page
        skip_token = answer.get("$skipToken")
        if not skip_token:
            return tuple(rows)
        options["$skipToken"] = skip_token
