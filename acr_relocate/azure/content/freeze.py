"""A repository of the source, put to rest and woken."""

from __future__ import annotations

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.listing import attributes_of
from acr_relocate.core.content.locks import AttributeChange
from acr_relocate.core.content.source_freeze import at_rest


async def lock_repository(plane: DataPlane, before: AttributeChange) -> None:
    """Nobody can push to the repository or delete from it. Again: the same."""
    await plane.set_attributes(before.repository, "", at_rest(before.attributes))


async def restore_locks(plane: DataPlane, before: AttributeChange) -> None:
    """The repository is as it was before, unless it is gone or somebody has changed its locks since.

    Again: nothing is left to do.
    """
    found = await plane.repository(before.repository)
    if found is not None and attributes_of(found) == at_rest(before.attributes):
        await plane.set_attributes(before.repository, "", before.attributes)
