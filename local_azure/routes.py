"""Importing this module makes every route and resource type known."""

from local_azure import (  # noqa: F401 - imported for what they register
    access,
    acr_api,
    arm,
    blobs,
    clusters,
    data_plane,
    deployments,
    entra,
    export,
    extensions,
    graph,
    graph_queries,
    groups,
    imports,
    logs,
    network,
    policies,
    registries,
    resources,
    tokens,
)
