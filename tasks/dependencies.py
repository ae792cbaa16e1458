"""Who uses the registry."""

from prefect import task

from acr_relocate.azure import dependents
from acr_relocate.core import dependencies
from acr_relocate.core.checks import Unknown
from acr_relocate.core.dependencies import Dependent
from acr_relocate.core.inventory import Registry
from tasks.connection import azure
from tasks.evidence import known
from tasks.retrying import READ


@task(name="map-dependents", task_run_name="map-dependents-of-{registry.name}", **READ)
async def map_dependents(registry: Registry) -> tuple[Dependent, ...] | Unknown:
    """Clusters, private endpoints, role assignments and diagnostic settings that go with the registry. Only reads."""
    async with azure() as connection:
        usage = await known(dependents.read_usage(connection, registry))
    return usage if isinstance(usage, Unknown) else dependencies.dependents(registry, usage)
