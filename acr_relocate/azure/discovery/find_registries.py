"""Find many registries with Azure Resource Graph."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.resource_graph import query_graph
from acr_relocate.core.batch.expand import GraphRegistry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.registry_refs import RegistryRef


async def find_registries(azure: AzureConnection, subscription_ids: Iterable[str]) -> tuple[GraphRegistry, ...]:
    """Return every registry of these subscriptions that this identity may read.

    Resource Graph omits unreadable resources silently, and lags behind Azure by seconds to minutes.
    """
    wanted = ", ".join(f"'{each}'" for each in sorted(subscription_ids))
    rows = await query_graph(
        azure,
        "resources | where type =~ 'microsoft.containerregistry/registries' "
        f"| where subscriptionId in~ ({wanted}) | project id, name, location, resourceGroup, subscriptionId, tags",
        doing="Asking Azure Resource Graph for registries",
    )
    return tuple(
        GraphRegistry(
            registry=RegistryRef(
                subscription_id=row["subscriptionId"], resource_group=_group(row["id"]), name=row["name"].lower()
            ),
            location=row["location"],
            tags=row.get("tags") or {},
        )
        for row in rows
    )


def _group(resource_id: str) -> str:
    """Return the resource group as written in the id: the column of its own is in lower case."""
    return ResourceId(resource_id).group
