"""Who uses a registry: what Azure Resource Graph and Azure Resource Manager tell of it."""

from __future__ import annotations

from typing import Any, Final, cast

from azure.mgmt.resourcegraph.aio import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from acr_relocate.azure.errors import contact
from acr_relocate.azure.session import Azure
from acr_relocate.azure.together import together
from acr_relocate.core.dependencies import Usage
from acr_relocate.core.inventory import Registry

Json = dict[str, Any]

AUTHORIZATION: Final = "2022-04-01"
DIAGNOSTICS: Final = "2021-05-01-preview"
PAGE: Final = 1000

CLUSTERS: Final = (
    "resources | where type =~ 'microsoft.containerservice/managedclusters' | project id, name, location, properties"
)
ENDPOINTS: Final = (
    "resources | where type =~ 'microsoft.network/privateendpoints' | project id, name, location, properties"
)


async def read_usage(azure: Azure, registry: Registry) -> Usage:
    """What may depend on the registry, as Azure shows it: which of it does is for the core to tell."""
    async with together() as group:
        clusters = group.create_task(query(azure, registry.subscription_id, CLUSTERS))
        endpoints = group.create_task(query(azure, registry.subscription_id, ENDPOINTS))
        assignments = group.create_task(role_assignments(azure, registry.id))
        diagnostics = group.create_task(diagnostic_settings(azure, registry.id))
    return Usage(
        clusters=tuple(clusters.result()),
        private_endpoints=tuple(endpoints.result()),
        role_assignments=tuple(assignments.result()),
        diagnostic_settings=tuple(diagnostics.result()),
    )


async def query(azure: Azure, subscription_id: str, kql: str) -> list[Json]:
    """All rows that Resource Graph has for the query. It lags behind Azure by seconds to minutes."""
    client = azure.arm.typed(ResourceGraphClient)
    rows: list[Json] = []
    skip_token: str | None = None
    while True:
        options = QueryRequestOptions(top=PAGE, skip_token=skip_token, result_format="objectArray")
        request = QueryRequest(subscriptions=[subscription_id], query=kql, options=options)
        with contact("Asking Azure Resource Graph who uses the registry", f"/subscriptions/{subscription_id}"):
            answer = await client.resources(request)
        rows += cast("list[Json]", answer.data)  # the SDK says nothing of its shape: that is result_format's
        if not answer.skip_token:
            return rows
        skip_token = answer.skip_token


async def role_assignments(azure: Azure, scope: str) -> list[Json]:
    """The role assignments made at exactly this scope."""
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    doing = f"Reading the role assignments of {scope.rsplit('/', 1)[-1]}"
    entries = await azure.arm.list(path, AUTHORIZATION, doing=doing, query="$filter=atScope()")
    return [entry for entry in entries if entry["properties"]["scope"].lower() == scope.lower()]


async def diagnostic_settings(azure: Azure, resource_id: str) -> list[Json]:
    """Where the resource sends its logs and metrics."""
    path = f"{resource_id}/providers/Microsoft.Insights/diagnosticSettings"
    doing = f"Reading the diagnostic settings of {resource_id.rsplit('/', 1)[-1]}"
    return await azure.arm.list(path, DIAGNOSTICS, doing=doing)
