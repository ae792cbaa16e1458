"""The end of the source: the last evidence, and the deletion."""

from prefect import task

from acr_relocate.azure import retirement
from acr_relocate.core.checks import Unknown
from acr_relocate.core.cut_over import Action
from acr_relocate.core.inventory import Registry
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.retirement import Pull
from tasks.connection import azure
from tasks.retrying import READ, WRITE


@task(name="look-for-pulls", task_run_name="look-for-pulls-from-{registry.name}", **READ)
async def look_for_pulls(
    registry: Registry, workspaces: tuple[str, ...], request: RelocationRequest, ourselves: tuple[str, ...]
) -> tuple[Pull, ...] | Unknown:
    """Who pulled from the registry in the soak period, or why that is not known. Only reads."""
    async with azure() as connection:
        ignored = (*ourselves, *request.not_consumers)
        return await retirement.pulls(connection, registry, workspaces, request.soak_days, ignored)


@task(name="who-we-are", **READ)
async def who_we_are() -> tuple[str, ...]:
    """The ids of the identity that runs this. Only reads."""
    async with azure() as connection:
        return await connection.own_ids()


@task(name="delete-registry", task_run_name="delete-{registry.name}-for-good", **WRITE)
async def delete_registry(registry: Registry, releases: tuple[Action, ...], contents: dict[str, str]) -> None:
    """The registry is gone for good, and nothing else is.

    Again: it is looked once more whether both registries hold exactly what was approved. On failure: it is there, with
    all that was taken from it given back.
    """
    async with azure() as connection:
        await retirement.retire(connection, registry, releases, contents)
