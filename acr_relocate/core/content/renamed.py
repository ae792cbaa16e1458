"""Repositories that the request renames: those that would have the same name at the target."""

from __future__ import annotations

from typing import Final

from acr_relocate.core.content.selection import selected
from acr_relocate.core.content.unmatched_selection import find_empty_selection
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.relocation import RelocationRequest

COLLIDE: Final = "repositories_collide"


def selected_repository_names(content: Content, request: RelocationRequest) -> tuple[str, ...]:
    """Return the names of the selected repositories of the source."""
    return tuple(one.name for one in selected(content, request.selection))


def find_collisions(content: Content, request: RelocationRequest) -> tuple[Finding, ...]:
    """Return a blocker for each name at the target that several repositories, or none, could have.

    `content`: the listed part of the source.
    """
    if not request.rename:
        return ()
    names = selected_repository_names(content, request)
    collisions, longer = request.names.collisions(names), request.names.too_long(names)
    return (
        *(
            _finding(request, f"{', '.join(here)} would all be {there} at the target.")
            for there, here in collisions.items()
        ),
        *(
            _finding(request, f"{name} would be {there[:40]}… at the target, longer than a registry takes.")
            for name, there in longer.items()
        ),
    )


def find_unusable_selection(content: Content, request: RelocationRequest) -> tuple[Finding, ...]:
    """Return the blockers of what is selected: nothing at all, or several repositories of one name at the target."""
    return (*find_empty_selection(content, request), *find_collisions(content, request))


def _finding(request: RelocationRequest, message: str) -> Finding:
    return Finding(
        code=COLLIDE,
        severity="blocker",
        message=message,
        remedy="Give each a name of its own in `rename`, or leave one out in `selection`.",
        resource=request.source.resource_id,
    )
