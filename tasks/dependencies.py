"""The surroundings of the registry."""

from prefect import task

from acr_relocate.azure.discovery import dependents
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Registry
from tasks.connection import azure
from tasks.retry_policies import READ


@task(name="map-dependencies", task_run_name="map-dependencies-of-{registry.name}", **READ)
async def read_surroundings(registry: Registry) -> Surroundings:
    """Return the users of the registry and the resources that it uses; unreadable ones are Unknown. Only reads."""
    async with azure() as connection:
        return await dependents.read_surroundings(connection, registry)
