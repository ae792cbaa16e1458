"""Record in Azure the changes to restore at a registry, before they are made: beside the registry, or the target.

A record is a note in the resource group of the source. If that is not writable (no right, a lock), it is in the
target's group: the next run of the relocation reads both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.deployment_notes import delete_note, find_notes, write_note
from acr_relocate.core.content.source_freeze import PendingFreeze, PendingRestores, SourceFreeze
from acr_relocate.core.content.source_replica import PendingReplica, SourceReplica
from acr_relocate.core.errors import AccessDenied, NotFound, PolicyViolation, RelocationError
from acr_relocate.core.model import Restorable
from acr_relocate.core.registry.restore_record import (
    RecordedFact,
    StoredRecord,
    pieces,
    read_record,
    record_name,
    record_prefix,
    record_text,
)
from acr_relocate.core.removal import Detached, PendingDeletion

GIVEN_BACK: Final[list[str]] = []
"""The facts of a record that could not be deleted."""


async def save_restore_record(azure: AzureConnection, groups: Sequence[str], restorable: Restorable) -> StoredRecord:
    """Record the change in the first of the groups that takes it. Raises the first group's error."""
    refused: RelocationError | None = None
    for group_id in groups:
        try:
            written = [await _write(azure, group_id, page) for page in restorable.pages()]
        except (AccessDenied, NotFound, PolicyViolation) as error:
            refused = refused or error
        else:
            return StoredRecord(ids=tuple(written))
    raise _unwritten(refused, restorable)


async def pending(
    azure: AzureConnection, groups: Sequence[str], registry_id: str, kind: type[RecordedFact]
) -> list[tuple[StoredRecord, RecordedFact]]:
    """Find unrestored changes at the registry. Raises RecordBroken for a record that is not credible."""
    prefix = record_prefix(kind.record_kind, registry_id)
    notes = [note for group_id in groups for note in await find_notes(azure, group_id, prefix)]
    return [
        (
            StoredRecord(ids=(note.id,), since=note.written_at.isoformat(timespec="seconds")),
            read_record(kind, registry_id, note.id, note.facts),
        )
        for note in notes
        if note.facts != GIVEN_BACK
    ]


async def find_pending(
    azure: AzureConnection, groups: Sequence[str], source_id: str, target_id: str
) -> PendingRestores:
    """Find all that killed runs left changed at both registries. Raises RecordBroken."""
    here, there, taken, replicas = await asyncio.gather(
        pending(azure, groups, source_id, SourceFreeze),
        pending(azure, groups, target_id, SourceFreeze),
        pending(azure, groups, source_id, Detached),
        pending(azure, groups, source_id, SourceReplica),
    )
    return PendingRestores(
        freezes=tuple(PendingFreeze(since=record.since, freeze=freeze) for record, freeze in here),
        target_freezes=tuple(PendingFreeze(since=record.since, freeze=freeze) for record, freeze in there),
        deletions=tuple(PendingDeletion(since=record.since, taken=facts).message for record, facts in taken),
        replicas=tuple(PendingReplica(since=record.since, replica=replica) for record, replica in replicas),
    )


async def delete(azure: AzureConnection, record: StoredRecord) -> None:
    """Delete the record of a restored change. A record under a lock is emptied instead."""
    for note_id in record.ids:
        try:
            await delete_note(azure, note_id)
        except AccessDenied:
            group_id, _, name = note_id.partition("/providers/Microsoft.Resources/deployments/")
            with suppress(AccessDenied):  # then the next run finds nothing to give back, and tries to strike it again
                await write_note(azure, group_id, name, GIVEN_BACK)


async def _write(azure: AzureConnection, group_id: str, page: Restorable) -> str:
    text = record_text(page)
    name = record_name(page.record_kind, page.registry_id, text)
    return (await write_note(azure, group_id, name, pieces(text))).id


def _unwritten(refused: RelocationError | None, restorable: Restorable) -> RelocationError:
    why = refused.message if refused else "there is no resource group to record it in"
    return AccessDenied(
        f"Nothing was changed at {restorable.registry_id.rpartition('/')[2]}, because the changes to restore could not "
        f"be recorded in Azure: {why}",
        code=refused.code if refused else "NoPlaceForTheRecord",
        resource=restorable.registry_id,
        remedy="Allow Microsoft.Resources/deployments/write in the resource group of the source, or of the target.",
        correlation_id=refused.correlation_id if refused else "",
    )
