"""What the checks need to know before anything is changed. Only reads.

What this identity may not read is Unknown with the reason, so that the checks can say so; what may be readable in a
moment is tried again.
"""

from collections.abc import Awaitable
from typing import TypeVar

from prefect import task

from acr_relocate.azure import registries, scopes
from acr_relocate.core.checks import Lock, NameAvailability, PermissionSet, RegionOffer, Unknown
from acr_relocate.core.errors import RelocationError, is_retryable
from tasks.connection import azure
from tasks.retrying import READ

Fact = TypeVar("Fact")


@task(name="check-name", task_run_name="check-name-{name}", **READ)
async def check_name(subscription_id: str, name: str) -> NameAvailability | Unknown:
    """Whether a new registry could have the name."""
    async with azure() as connection:
        return await known(registries.check_name(connection, subscription_id, name))


@task(name="read-region", task_run_name="read-region-{location}", **READ)
async def read_region(subscription_id: str, location: str) -> RegionOffer | Unknown:
    """What Azure offers for registries in the region."""
    async with azure() as connection:
        return await known(scopes.region_offer(connection, subscription_id, location))


@task(name="read-provider", **READ)
async def read_provider(subscription_id: str) -> str | Unknown:
    """Whether Microsoft.ContainerRegistry is registered in the subscription."""
    async with azure() as connection:
        return await known(scopes.provider_state(connection, subscription_id))


@task(name="read-locks", **READ)
async def read_locks(resource_id: str) -> tuple[Lock, ...] | Unknown:
    """The management locks in force on the resource, inherited ones too."""
    async with azure() as connection:
        return await known(scopes.locks(connection, resource_id))


@task(name="read-permissions", **READ)
async def read_permissions(scope: str) -> tuple[PermissionSet, ...] | Unknown:
    """What this identity may do at the scope."""
    async with azure() as connection:
        return await known(scopes.permissions(connection, scope))


async def known(reading: Awaitable[Fact]) -> Fact | Unknown:
    """What was read, or Unknown with the reason; an error that may go away is left to the retry policy."""
    try:
        return await reading
    except RelocationError as error:
        if is_retryable(error):
            raise
        return Unknown(reason=str(error))
