"""Query Azure Resource Graph."""

from typing import Any, Final, cast

from azure.mgmt.resourcegraph.aio import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.session import AzureConnection

Json = dict[str, Any]


PAGE: Final = 1000


COLUMNS: Final = "project id, name, type, kind, location, identity, properties"


async def query(
    azure: AzureConnection, kql: str, *, doing: str = "Asking Azure Resource Graph who uses the registry"
) -> tuple[Json, ...]:
    """All rows that Resource Graph has for the query, in every subscription that this identity may read.

    It lags behind Azure by seconds to minutes.
    """
    client = azure.arm.typed(ResourceGraphClient)
    rows: list[Json] = []
    skip_token: str | None = None
    while True:
        options = QueryRequestOptions(top=PAGE, skip_token=skip_token, result_format="objectArray")
        with contact(doing, "Microsoft.ResourceGraph/resources"):
            answer = await client.resources(QueryRequest(query=kql, options=options))
        rows += cast("list[Json]", answer.data)  # the SDK says nothing of its shape: that is result_format's
        if not answer.skip_token:
            return tuple(rows)
        skip_token = answer.skip_token
