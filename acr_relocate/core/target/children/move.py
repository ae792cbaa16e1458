"""The parameters of a move for every kind of child, and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acr_relocate.core.findings import Finding, Severity
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.managed_identities import portable_identity
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_types import writable_properties
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.external_references import id_mapping, replace_ids, root_resource_id

Moved = tuple[Child | None, tuple[Finding, ...]]
"""The child at the target, or None if it is left out, and the notes for a person."""


@dataclass(frozen=True)
class Move:
    """A move from this registry to that request's target."""

    source: Registry
    request: RelocationRequest

    @property
    def home(self) -> str:
        """Return the source's region."""
        return normalise_location(self.source.location)

    @property
    def location(self) -> str:
        """Return the target's region."""
        return self.request.target.location

    def is_there(self, reference: str) -> bool:
        """Return whether the resource is in the target's region: by the request, by Azure, or in a move within it."""
        by = id_mapping(self.request)
        given = replace_ids(reference, by) != reference or reference.lower() in {there.lower() for there in by.values()}
        region = self.source.regions.get(root_resource_id(reference).lower(), "")
        return self.home == self.location or given or normalise_location(region) == self.location

    def retarget(self, resource_id: str) -> str:
        """Return the id of the target's resource for the id of one of the source's."""
        if resource_id.lower().startswith(f"{self.source.id.lower()}/"):
            return self.request.target_id + resource_id[len(self.source.id) :]
        return resource_id


Rewrite = Callable[[Child, Move], Moved]


def carried(child: Child, **changes: object) -> Child:
    """Return the child with its writable properties only, and with changes."""
    portable = {
        "properties": writable_properties(child.kind, child.properties),
        "identity": portable_identity(child.identity),
        "location": None,
    }
    return child.model_copy(update=portable | changes)


def note(code: str, severity: Severity, child: Child, message: str, remedy: str) -> Finding:
    """Return a finding about a child."""
    return Finding(code=code, severity=severity, message=message, remedy=remedy, resource=f"{child.kind}/{child.name}")
