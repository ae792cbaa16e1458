"""Connect flows and tasks to Azure: `async with azure() as connection`.

A flow enters it around its body and each task around its call. The connection is one per event loop and counted, so
that the tasks share the flow's sockets, tokens and rate limits, and a task that runs alone has its own.
"""

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.session import connection as azure

__all__ = ["AzureConnection", "azure"]
