"""The tables of the embedded Azure: the routes of each plane, and the resource types."""

from typing import Final

from local_azure.arm import access, extensions, groups, moves, resource_routes, resource_types, role_definitions
from local_azure.arm import subscriptions as arm_subscriptions
from local_azure.deployments import routes as deployments
from local_azure.entra import graph, tokens
from local_azure.export import routes as export
from local_azure.graph_queries import routes as graph_queries
from local_azure.network import dns, interfaces, private_endpoints, virtual_networks, zone_groups
from local_azure.registry import acr_api, blobs_api, manifests_api, tokens_api
from local_azure.registry_types import (
    access_tokens,
    artifact_cache,
    connected,
    endpoints,
    lists,
    operations,
    registries,
    replications,
    runs,
    tasks,
    transfer,
    webhooks,
)
from local_azure.services import (
    activity_log,
    alerts,
    clusters,
    event_grid,
    flux,
    kubectl,
    light_types,
    logs,
    metrics,
    policies,
    vault_keys,
    vault_policies,
    vault_secrets,
)
from local_azure.wire.routing import Router

ANY_RESOURCE: Final = Router("arm", [resource_routes.ANY_RESOURCE_ROUTES])  # what no route of its own has
ARM: Final = Router(
    "arm",
    [
        resource_routes.ROUTES,
        arm_subscriptions.ROUTES,
        groups.ROUTES,
        moves.ROUTES,
        access.ROUTES,
        role_definitions.ROUTES,
        policies.ROUTES,
        extensions.ROUTES,
        metrics.ROUTES,
        activity_log.ROUTES,
        deployments.ROUTES,
        export.ROUTES,
        graph_queries.ROUTES,
        lists.ROUTES,
        operations.ROUTES,
        runs.ROUTES,
        dns.ROUTES,
        virtual_networks.ROUTES,
        kubectl.ROUTES,
        logs.ROUTES,
        vault_policies.ROUTES,
    ],
    otherwise=ANY_RESOURCE,
)
ENTRA: Final = Router("entra", [tokens.ROUTES])
GRAPH: Final = Router("graph", [graph.ROUTES])
VAULT: Final = Router("vault", [vault_secrets.ROUTES, vault_keys.ROUTES])
REGISTRY: Final = Router("registry", [manifests_api.ROUTES, blobs_api.ROUTES, acr_api.ROUTES, tokens_api.ROUTES])
STORAGE: Final = Router("storage", [blobs_api.STORAGE_ROUTES])  # where the blobs of registries are

RESOURCE_TYPES: Final = (
    *registries.TYPES,
    *replications.TYPES,
    *webhooks.TYPES,
    *access_tokens.TYPES,
    *artifact_cache.TYPES,
    *connected.TYPES,
    *endpoints.TYPES,
    *runs.TYPES,
    *tasks.TYPES,
    *transfer.TYPES,
    *access.TYPES,
    *role_definitions.TYPES,
    *policies.TYPES,
    *extensions.TYPES,
    *deployments.TYPES,
    *virtual_networks.TYPES,
    *private_endpoints.TYPES,
    *interfaces.TYPES,
    *zone_groups.TYPES,
    *dns.TYPES,
    *clusters.TYPES,
    *light_types.TYPES,
    *event_grid.TYPES,
    *flux.TYPES,
    *alerts.TYPES,
)
resource_types.know(RESOURCE_TYPES)
