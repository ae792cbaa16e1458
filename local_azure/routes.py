"""Importing this module makes every route and resource type known."""

import importlib
import importlib.util

KERNEL = ("entra", "graph", "arm", "groups", "resources", "access", "extensions")
SERVICES = (
    "registries",
    "data_plane",
    "blobs",
    "acr_api",
    "tokens",
    "imports",
    "deployments",
    "export",
    "network",
    "clusters",
    "graph_queries",
)

for name in (*KERNEL, *SERVICES):
    if importlib.util.find_spec(f"local_azure.{name}") is not None:
        importlib.import_module(f"local_azure.{name}")
