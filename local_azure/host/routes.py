"""Importing this module makes every route and resource type known."""

# ruff: noqa: F401 - imported for what they register
from local_azure import deployments, export, graph_queries, network
from local_azure.arm import access, extensions, groups, policies, resource_routes, subscriptions
from local_azure.entra import graph, tokens
from local_azure.registry import acr_api, blobs_api, imports, manifests_api, tokens_api
from local_azure.registry_types import all_types
from local_azure.services import alerts, clusters, event_grid, logs, vault_policies, vault_secrets
