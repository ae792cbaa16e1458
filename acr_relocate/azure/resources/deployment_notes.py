"""Notes in a resource group: empty deployments that keep a text in their parameters.

A deployment costs nothing, is not counted by a policy or a quota, needs no tags, takes up to 4 MB, and stays in the
history of the group when the registry is gone. docs/decisions has Azure's guarantees about it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.core.errors import AlreadyExists, NotFound, TemporaryFailure
from acr_relocate.core.registry.resource_ids import ResourceId

Json = dict[str, Any]

_API_VERSION: Final = "2021-04-01"
TEMPLATE: Final[Json] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "metadata": {"description": "acr-relocate keeps a note here. It deploys nothing."},
    "parameters": {"facts": {"type": "array"}},
    "resources": [],
}
ENDED: Final = frozenset({"Succeeded", "Failed", "Canceled"})
LOOKS: Final = 40
NOTE_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class DeploymentNote:
    """A note as found. Both times are Azure's; `settled`: Azure has finished writing it."""

    id: str
    facts: object
    written_at: datetime
    read_at: datetime
    settled: bool

    @property
    def age(self) -> float:
        """Return the seconds since it was last written."""
        return (self.read_at - self.written_at).total_seconds()

    @property
    def name(self) -> str:
        """Return the name of the deployment."""
        return ResourceId(self.id).name


async def write_note(azure: AzureConnection, group_id: str, name: str, facts: list[str]) -> DeploymentNote:
    """Write the note, and poll it until Azure has settled it. Raises AccessDenied and the like."""
    path, doing = _path(group_id, name), f"Writing the note {name}"
    body = {"properties": {"mode": "Incremental", "template": TEMPLATE, "parameters": {"facts": {"value": facts}}}}
    with behind(None), suppress(AlreadyExists):  # DeploymentActive: an earlier attempt of this call has arrived
        await azure.arm.call("PUT", path, _API_VERSION, json=body, doing=doing)
    for _ in range(LOOKS):
        note = await _read(azure, path, doing)
        if note is not None and note.settled and note.facts == facts:
            return note
        await asyncio.sleep(NOTE_LOOK_SECONDS)
    raise TemporaryFailure(
        f"{doing} failed: Azure does not show it after {LOOKS * NOTE_LOOK_SECONDS:.0f} s", resource=path
    )


async def find_notes(azure: AzureConnection, group_id: str, prefix: str) -> list[DeploymentNote]:
    """Return the notes of the group with this name prefix; a missing group has none."""
    doing = f"Looking for notes in {ResourceId(group_id).name}"
    try:
        listed = await azure.arm.list(_path(group_id), _API_VERSION, doing=doing)
    except NotFound:
        return []
    ids = [str(each["id"]) for each in listed if str(each.get("name", "")).startswith(prefix)]
    found = [await _read(azure, each, doing) for each in ids]
    return [each for each in found if each is not None]


async def find_note(azure: AzureConnection, note_id: str) -> DeploymentNote | None:
    """Read the note, if it is there."""
    return await _read(azure, note_id, f"Reading the note {note_id.rpartition('/')[2]}")


async def delete_note(azure: AzureConnection, note_id: str) -> None:
    """Delete the note, if it exists."""
    with behind(None):
        await azure.arm.delete(note_id, _API_VERSION, doing=f"Deleting the note {ResourceId(note_id).name}")


def _path(group_id: str, name: str = "") -> str:
    return f"{group_id}/providers/Microsoft.Resources/deployments{f'/{name}' if name else ''}"


async def _read(azure: AzureConnection, path: str, doing: str) -> DeploymentNote | None:
    try:
        answer = await azure.arm.call("GET", path, _API_VERSION, doing=doing)
    except NotFound:
        return None
    return _note(answer.body, answer.headers.get("date", ""))


def _note(found: Json, date: str) -> DeploymentNote:
    properties = found.get("properties") or {}
    facts = ((properties.get("parameters") or {}).get("facts") or {}).get("value")
    return DeploymentNote(
        id=str(found["id"]),
        facts=facts,
        written_at=_moment(str(properties["timestamp"])),
        read_at=parsedate_to_datetime(date) if date else datetime.now(UTC),
        settled=properties.get("provisioningState") in ENDED,
    )


def _moment(text: str) -> datetime:
    """Parse a time from ARM, which has seven fractional digits; Python accepts six."""
    whole, _, rest = text.partition(".")
    return datetime.fromisoformat(f"{whole}.{rest.rstrip('Z')[:6]}+00:00" if rest else text)
