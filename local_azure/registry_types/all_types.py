"""Importing this module makes every resource type of Microsoft.ContainerRegistry known."""

from local_azure.registry_types import (
    access_tokens,
    artifact_cache,
    connected,
    endpoints,
    lists,
    operations,
    registries,
    replications,
    tasks,
    transfer,
    webhooks,
)

__all__ = [
    "access_tokens",
    "artifact_cache",
    "connected",
    "endpoints",
    "lists",
    "operations",
    "registries",
    "replications",
    "tasks",
    "transfer",
    "webhooks",
]
