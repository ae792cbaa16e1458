"""What the checks need to know before anything is changed. Only reads.

What this identity may not read is Unknown with the reason, so that the checks can say so; what may be readable in a
moment is tried again.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from itertools import chain
from typing import TypeVar

from prefect import task

from acr_relocate.azure import registries, scopes
from acr_relocate.core.checks import Lock, NameAvailability, PermissionSet, RegionOffer, Unknown
from acr_relocate.core.errors import NotFound, RelocationError, is_retryable
from tasks.connection import Azure, azure
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


@task(name="read-providers", **READ)
async def read_providers(subscription_ids: tuple[str, ...]) -> dict[str, str] | Unknown:
    """Whether Microsoft.ContainerRegistry is registered, by subscription."""
    async with azure() as connection:
        states = (scopes.provider_state(connection, subscription) for subscription in subscription_ids)
        return await known(by_key(subscription_ids, states))


@task(name="read-locks", **READ)
async def read_locks(resource_ids: tuple[str, ...]) -> tuple[Lock, ...] | Unknown:
    """The management locks in force on these resources, inherited ones too."""
    async with azure() as connection:
        locks = (scopes.locks(connection, resource_id) for resource_id in resource_ids)
        found = await known(by_key(resource_ids, locks))
    return found if isinstance(found, Unknown) else tuple(dict.fromkeys(chain.from_iterable(found.values())))


@task(name="read-permissions", **READ)
async def read_permissions(scope: str) -> tuple[PermissionSet, ...] | Unknown:
    """What this identity may do at the scope."""
    async with azure() as connection:
        return await known(permissions_at(connection, scope))


async def permissions_at(connection: Azure, scope: str) -> tuple[PermissionSet, ...]:
    """What this identity may do at the scope; one that is not there yet will inherit from the subscription."""
    try:
        return await scopes.permissions(connection, scope)
    except NotFound:
        return await scopes.permissions(connection, "/".join(scope.split("/")[:3]))


async def by_key(keys: Iterable[str], readings: Iterable[Awaitable[Fact]]) -> dict[str, Fact]:
    """All readings at once, by their keys."""
    return dict(zip(keys, await asyncio.gather(*readings), strict=True))


async def known(reading: Awaitable[Fact]) -> Fact | Unknown:
    """What was read, or Unknown with the reason; an error that may go away is left to the retry policy."""
    try:
        return await reading
    except RelocationError as error:
        if is_retryable(error):
            raise
        return Unknown(reason=str(error))
