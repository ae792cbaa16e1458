"""Freeze the repositories of a source for a final pass, and release them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.content.listing import attributes_of
from acr_relocate.core.content.selection import selected_names
from acr_relocate.core.content.source_freeze import FrozenRepository, SourceFreeze, at_rest
from acr_relocate.core.errors import Failure, NotFound, RecordBroken, RelocationError, is_retryable
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.request.selection import Selection

ROUNDS: Final = (2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between the attempts to release repositories. Each attempt has short retries of its own."""


_CONCURRENCY: Final = 32


async def new_repositories(plane: DataPlane, selection: Selection, known: frozenset[str]) -> Content:
    """Find unknown repositories, with their lock attributes and without their content."""
    names = [name for name in selected_names(await plane.repositories(), selection) if name not in known]
    slots = asyncio.Semaphore(_CONCURRENCY)
    async with together() as group:
        reading = [group.create_task(_attributes(plane, name, slots)) for name in names]
    found = tuple(repository for task in reading if (repository := task.result()))
    return Content(login_server=plane.login_server, repositories=found)


async def _attributes(plane: DataPlane, name: str, slots: asyncio.Semaphore) -> Repository | None:
    async with slots:
        found = await plane.repository(name)
    return Repository(name=name, attributes=attributes_of(found)) if found is not None else None


async def lock_repositories(azure: AzureConnection, freeze: SourceFreeze) -> None:
    """Lock each repository against pushes and deletions. Again: the same."""
    plane = azure.data_plane(freeze.login_server)
    async with together() as group:
        for before in freeze.before:
            group.create_task(plane.set_attributes(before.repository, "", at_rest(before.attributes)))


async def restore_locks(azure: AzureConnection, freeze: SourceFreeze) -> None:
    """Restore the attributes of each repository, unless it is gone or somebody has changed its locks since.

    The host comes from Azure, not from the record. One refused repository does not keep the others locked. Raises
    RecordBroken for a record of another host, and RelocationError that names the repositories that stay locked.
    """
    login_server = await _login_server(azure, freeze.registry_id)
    if login_server is None:
        return
    if login_server.lower() != freeze.login_server.lower():
        raise RecordBroken(
            f"The record of a freeze of {ResourceId(freeze.registry_id).name} names the host {freeze.login_server}, "
            f"but the registry is at {login_server}. Nothing was done because of it",
            code="RecordBroken",
            resource=freeze.registry_id,
            remedy="Find out in the activity log who wrote the deployment with the record, and delete it.",
        )
    plane, left = azure.data_plane(login_server), freeze.before
    refused: dict[str, Exception] = {}
    for wait in (0.0, *ROUNDS):
        await asyncio.sleep(wait)
        answers = await asyncio.gather(*(_restore(plane, before) for before in left), return_exceptions=True)
        refused |= {each.repository: why for each, why in zip(left, answers, strict=True) if isinstance(why, Exception)}
        left = tuple(each for each, why in zip(left, answers, strict=True) if why is not None)
        if not any(is_retryable(why) for why in answers if why is not None):
            break
    if left:
        raise _still_locked(freeze, [each.repository for each in left], refused[left[0].repository])


async def _restore(plane: DataPlane, before: FrozenRepository) -> None:
    found = await plane.repository(before.repository)
    if found is not None and attributes_of(found) == at_rest(before.attributes):
        with suppress(NotFound):  # deleted meanwhile
            await plane.set_attributes(before.repository, "", before.attributes)


async def _login_server(azure: AzureConnection, registry_id: str) -> str | None:
    """Return the registry's host from ARM; None if the registry is gone."""
    found = await azure.arm.find(registry_id, STABLE, doing=f"Reading {ResourceId(registry_id).name}")
    return None if found is None else str(found["properties"]["loginServer"])


def _still_locked(freeze: SourceFreeze, repositories: list[str], why: Exception) -> RelocationError:
    named = ", ".join(repositories[:20]) + (f" and {len(repositories) - 20} more" if len(repositories) > 20 else "")
    failure = Failure.of(why)
    return RelocationError(
        f"{freeze.login_server} is still frozen: {len(repositories)} of {len(freeze.before)} repositories could not be "
        f"unlocked ({named}): {failure.message}",
        code=failure.code,
        resource=freeze.registry_id,
        remedy="Remove the cause, then run `acr-relocate thaw REQUEST` on any machine: the record is in Azure.",
    )
