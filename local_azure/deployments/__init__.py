"""Microsoft.Resources/deployments: templates checked, compared and deployed. Importing this package adds the routes."""

from local_azure.deployments import routes

__all__ = ["routes"]
