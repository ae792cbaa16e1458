"""Machine Learning workspaces and Flux configurations, which name the registry in one setting."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.one_setting import (
    SETTING_PLACES,
    facts_of_setting,
    setting_changed_since,
    setting_health,
    setting_names_source,
    setting_of,
    setting_write,
)
from acr_relocate.core.switching.writes import SwitchWrite


class OneSetting(Family):
    """One patch there, and one back."""

    advice = "Look at the resource in the portal. May its identity pull from the registry?"

    async def find(self) -> Json | None:
        """Return the resource."""
        version, doing = SETTING_PLACES[self.facts.kind].api_version, f"Looking at {self.facts.name}"
        return await self.azure.arm.find(self.facts.dependent_id, version, doing=doing)

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value: the setting."""
        planned = self.facts
        if not setting_names_source(planned.kind, found, planned.registry_id, planned.source_server):
            return None
        return facts_of_setting(
            planned.kind,
            found | {"id": planned.dependent_id},
            registry_id=planned.registry_id,
            target_id=planned.setting_after,
            source_server=planned.source_server,
            target_server=planned.target_server,
        )

    def changed_since(self, found: Json) -> str:
        """Return that others have changed the setting."""
        return setting_changed_since(found, self.facts)

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch that names the target."""
        return setting_write(found, self.facts, self.facts.setting_after)

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch with the former value."""
        return setting_write(found, self.facts, self.facts.setting)

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return what Azure tells of it, once it shows the setting of this server."""
        del part, before
        found = await self.get()
        wanted = self.facts.setting_after if server == self.facts.target_server else self.facts.setting
        if setting_of(self.facts.kind, found).lower() != wanted.lower():
            return DependentHealth("waiting", "Azure does not show the setting yet")
        return setting_health(found)

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Set it, and wait until Azure says that it is in order."""
        del steps
        moved = await self.send(self.to_target(await self.get()), "Switching")
        await watch.until_healthy(self.facts.target_server)
        return moved

    async def go_back(self, watch: HealthWatch) -> None:
        """Set it as before."""
        await self.send(self.to_source(await self.get()), "Restoring")
        await watch.until_healthy(self.facts.source_server)
