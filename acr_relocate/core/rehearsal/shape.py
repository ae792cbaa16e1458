"""The shape of a source for its rehearsal: kinds of artifacts, connections, edits, a replica."""

from __future__ import annotations

from typing import Any

from acr_relocate.core.checks.source_replica import replica_obstacle
from acr_relocate.core.content.source_replica import has_replica
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.rehearsal.artifacts import Kind, kinds_held
from acr_relocate.core.rehearsal.connected import Connected, connected_to
from acr_relocate.core.rehearsal.edited import check_edits, not_rehearsed
from acr_relocate.core.request.relocation import RelocationRequest


class SourceShape(FrozenModel):
    """The shape of a source. `replica`: whether to measure imports with a replica in the target's region, and without.

    `no_replica`: why none can be made although the request or the source has one.
    `edits_left_out`: the types of resources of the edited template that the small target is made without.
    """

    kinds: tuple[Kind, ...]
    connected: Connected = Connected()
    edits_left_out: tuple[str, ...] = ()
    replica: bool = False
    no_replica: str = ""


def source_shape(
    source: Registry,
    content: Content | Unknown,
    locks: tuple[Lock, ...] | Unknown,
    request: RelocationRequest,
    edited: dict[str, Any] | None,
) -> SourceShape:
    """Return the shape; all kinds of artifacts for unknown content. Raises InvalidRequest for another template."""
    if edited is not None:
        check_edits(edited, source, request)
    refused = replica_obstacle(request, source, locks)
    wants = request.via_replica or has_replica(source, request.target.location)
    return SourceShape(
        kinds=kinds_held(None if isinstance(content, Unknown) else content),
        connected=connected_to(source, locks, request, edited),
        edits_left_out=not_rehearsed(edited) if edited else (),
        replica=wants and not refused,
        no_replica=refused if wants else "",
    )
