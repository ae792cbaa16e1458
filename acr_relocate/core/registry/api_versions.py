"""Api-versions of Microsoft.ContainerRegistry: the ones to use among those that Azure offers, and the gaps of each.

2026-11-01 is stable and has virtual-network rules, regional endpoints and `endpointProtocol`; earlier stable ones drop
them silently. Soft delete, the scope of a domain name, metadata search and credentials of cache rules are in previews
only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.resource_types import PREVIEW, PREVIEW_ONLY, STABLE

NEWEST_STABLE: Final = "2026-11-01"
KNOWN_STABLE: Final = (NEWEST_STABLE, STABLE, "2025-04-01", "2023-07-01", "2022-12-01")
KNOWN_PREVIEWS: Final = (
    PREVIEW,
    "2026-01-01-preview",
    "2025-06-01-preview",
    "2025-05-01-preview",
    "2025-03-01-preview",
    "2024-11-01-preview",
    "2023-11-01-preview",
)
FIRST_WITH_SUBNETS: Final = "2026-01-01-preview"
STABLE_SINCE_NEWEST: Final = frozenset({"endpointProtocol", "regionalEndpoints"})


class ApiVersions(FrozenModel):
    """The api-versions for reading and writing a registry.

    `preview` is empty if Azure offers no known one. `newer`: an unknown version that Azure offers; it is only read, so
    that the plan can name new properties.
    """

    stable: str = STABLE
    preview: str = PREVIEW
    newer: str = ""

    def to_write(self, properties: Mapping[str, Any]) -> str:
        """Return the stable version unless it would drop a property of the registry."""
        named = {
            name
            for name, default in PREVIEW_ONLY.items()
            if str(properties.get(name) or "").lower() not in {default, ""}
        }
        if (properties.get("networkRuleSet") or {}).get("virtualNetworkRules"):
            named.add("virtualNetworkRules")
        dropped = named - STABLE_SINCE_NEWEST - {"virtualNetworkRules"} if self.stable >= NEWEST_STABLE else named
        return self.preview or self.stable if dropped else self.stable

    @property
    def lacks_subnets(self) -> bool:
        """Return whether both omit virtual-network rules, so that a registry may have unseen ones."""
        return self.stable < NEWEST_STABLE and self.preview < FIRST_WITH_SUBNETS

    @property
    def fullest(self) -> str:
        """Return the version with the most properties: the preview, if there is one."""
        return self.preview or self.stable


def choose_api_versions(offered: Iterable[str]) -> ApiVersions:
    """Return the newest known versions among the offered ones. Without an offer, return those of every cloud."""
    told = sorted({version.lower() for version in offered}, key=_age)
    if not told:
        return ApiVersions()
    stable = next((version for version in KNOWN_STABLE if version in told), None)
    preview = next((version for version in KNOWN_PREVIEWS if version in told), "")
    if stable is None:
        return ApiVersions(preview=preview or PREVIEW)
    newest, known = told[-1], {*KNOWN_STABLE, *KNOWN_PREVIEWS}
    is_newer = newest not in known and _age(newest) > _age(preview or stable)
    return ApiVersions(stable=stable, preview=preview, newer=newest if is_newer else "")


def _age(version: str) -> tuple[str, bool]:
    """Return the sort key of a version: by date, a stable one after the preview of the same day."""
    return version.removesuffix("-preview"), not version.endswith("-preview")
