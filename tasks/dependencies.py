"""What is around the registry."""

from prefect import task

from acr_relocate.azure.discovery import dependents
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Registry
from tasks.connection import azure
from tasks.retry_policies import READ


@task(name="map-dependencies", task_run_name="map-dependencies-of-{registry.name}", **READ)
async def read_surroundings(registry: Registry) -> Surroundings:
    """What uses the registry and what it uses, as Azure shows it; what may not be read is Unknown. Only reads."""
    async with azure() as connection:
        return await dependents.read_surroundings(connection, registry)
