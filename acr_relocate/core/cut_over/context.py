"""The input of every part of the cut-over: the map's scene, and the target as it is or will be."""

from __future__ import annotations

from dataclasses import dataclass

from acr_relocate.core.dependencies.context import MapContext
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.managed_identities import has_system_identity
from acr_relocate.core.request.relocation import RelocationRequest


@dataclass(frozen=True)
class CutOverContext:
    """The scene around the source, and the target with its children: as it is, or as it is designed.

    `content`: the target's present or future content; None if unknown.
    """

    scene: MapContext
    target: Registry
    content: Content | None = None

    @property
    def source(self) -> Registry:
        """Return the source registry."""
        return self.scene.registry

    @property
    def request(self) -> RelocationRequest:
        """Return the request."""
        return self.scene.request

    @property
    def uses_abac(self) -> bool:
        """Return whether the target uses repository permissions, in which AcrPull and the like have no effect."""
        return self.target.uses_abac

    def counterpart(self, principal: str) -> str | None:
        """Return the target's resource whose identity replaces the source's with this principal.

        None: the principal is not one of the source's. Empty: it is, but the target has no such resource.
        """
        if not principal:
            return None
        if _is_of(self.source.identity, principal):
            has_its_own = has_system_identity(self.target.identity)
            return self.request.target_id if has_its_own else ""
        for child in self.source.children:
            if _is_of(child.identity, principal):
                there = {one.name for one in self.target.children_of(child.kind)}
                return f"{self.request.target_id}/{child.kind}/{child.name}" if child.name in there else ""
        return None

    def short(self, resource_id: str) -> str:
        """Return the display name of a registry or a child of one."""
        return resource_id.partition("/registries/")[2]


def _is_of(identity: dict[str, object] | None, principal: str) -> bool:
    return str((identity or {}).get("principalId") or "").lower() == principal.lower()
