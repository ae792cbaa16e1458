"""Azure Resource Graph: a small and honest part of its query language. Importing this package adds the route."""

from local_azure.graph_queries import routes

__all__ = ["routes"]
