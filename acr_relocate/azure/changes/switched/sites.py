"""App Service and Function apps and their slots: alone, or an app through one of its slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json
from acr_relocate.core.errors import NotFound, RelocationError
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.sites import (
    SITES_API,
    containers_of,
    facts_of_site,
    names_source_in_site,
    runs_images_of,
    site_changed_since,
    site_health,
    site_to_source,
    site_to_target,
    why_not_swapped,
)
from acr_relocate.core.switching.writes import SwitchWrite

_Writes = Callable[[Json, SwitchedDependent], tuple[SwitchWrite, ...]]
_SLOT = "slot"  # the part, and where a site that is swapped has its slot, read with it


class Site(Family):
    """Its container is replaced by the platform, which serves the former one until the new one answers."""

    advice = "Look at its container logs (`az webapp log tail`). Can its identity pull from the registry?"
    steady_seconds = 230.0  # App Service gives up on a container after so long: WEBSITES_CONTAINER_START_TIME_LIMIT

    async def find(self) -> Json | None:
        """Return the site with its configuration, sidecars and settings; with its slot, if that is swapped."""
        found = await self._site()
        if found is None or not self.facts.slot:
            return found
        slot = await self._site(_SLOT)
        return None if slot is None else {**found, _SLOT: slot}

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value: images and the registry's address. Raises if a swap would bring anything else."""
        planned = self.facts
        if not names_source_in_site(found, planned.source_server):
            return None
        former = facts_of_site(
            planned.kind,
            found,
            registry_id=planned.registry_id,
            source_server=planned.source_server,
            target_server=planned.target_server,
            slot=planned.slot,
        )
        servers = (planned.source_server, planned.target_server)
        if former.slot and (reason := why_not_swapped(found, found[_SLOT], *servers)):
            raise RelocationError(
                f"{former.name} cannot be switched through its slot {former.slot}: {reason}",
                code="SlotDiffers",
                resource=former.dependent_id,
                remedy="Switch it where it is (switch.swap_slot empty), or deploy the same to the slot first.",
            )
        return former

    def changed_since(self, found: Json) -> str:
        """Return what others have changed of its images, or of those of its slot."""
        own = site_changed_since(found, self.facts)
        if own or not self.facts.slot:
            return own
        in_slot = site_changed_since(found[_SLOT], self.facts)
        return f"in its slot {self.facts.slot} {in_slot}" if in_slot else ""

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the writes of the site, and of a slot that is swapped with it."""
        return self._writes(found, site_to_target)

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the writes that restore it and its slot."""
        return self._writes(found, site_to_source)

    def replaced(self, found: Json) -> tuple[str, ...]:
        """Return the site, its slot, or both: all that is changed, or swapped, has to be healthy before."""
        parts = {"": found} | ({_SLOT: found[_SLOT]} if self.facts.slot else {})
        return tuple(part for part, site in parts.items() if site_to_target(site, self.facts))

    async def running(self, part: str) -> frozenset[str]:
        """Return the containers that run now."""
        return containers_of(await self._instances(part))

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return the health of the site or its slot, which is ready in new containers only."""
        site = await self._site(part, settings=False)
        if site is None:
            return DependentHealth("failed", "it is gone")
        return site_health(site, await self._instances(part), self.facts, server, before)

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Change the site and wait for it; with a slot: change that, wait, swap, and change what is in it then."""
        del steps
        return await self._go(watch, site_to_target, self.facts.target_server)

    async def go_back(self, watch: HealthWatch) -> None:
        """Restore the site; one that was swapped by the same way, so that every other setting is where it was."""
        await self._go(watch, site_to_source, self.facts.source_server)

    async def _go(self, watch: HealthWatch, writes: _Writes, server: str) -> bool:
        """Change the site. The images tell how far a swap is: the site's are the other server's before it."""
        found, facts, moved = await self.get(), self.facts, False
        if facts.slot and not runs_images_of(found, facts, server):
            await self._change(watch, writes(found[_SLOT], facts), _SLOT)
            await watch.until_healthy(server, _SLOT)
            body = {"targetSlot": facts.slot, "preserveVnet": True}
            doing = f"Swapping {facts.name} with its slot {facts.slot}"
            await self.azure.arm.post(f"{facts.dependent_id}/slotsswap", SITES_API, body, doing=doing)
            found, moved = await self.get(), True
        for part, site in (("", found), *([(_SLOT, found[_SLOT])] if facts.slot else [])):
            moved = await self._change(watch, writes(site, facts), part) or moved
            await watch.until_healthy(server, part)
        return moved

    async def _change(self, watch: HealthWatch, writes: tuple[SwitchWrite, ...], part: str) -> bool:
        if writes:
            await watch.before_change(part)
        return await self.send(writes, f"Changing the slot {self.facts.slot} of" if part else "Changing")

    def _writes(self, found: Json, writes: _Writes) -> tuple[SwitchWrite, ...]:
        of_slot = writes(found[_SLOT], self.facts) if self.facts.slot else ()
        return (*writes(found, self.facts), *of_slot)

    def _path(self, part: str) -> str:
        return self.facts.slot_id if part else self.facts.dependent_id

    async def _site(self, part: str = "", *, settings: bool = True) -> Json | None:
        """Return the site with its configuration and sidecars, and with its settings, which are secrets."""
        path, doing = self._path(part), f"Looking at {self.facts.name}"
        site = await self.azure.arm.find(path, SITES_API, doing=doing)
        if site is None:
            return None
        config = await self.azure.arm.get(f"{path}/config/web", SITES_API, doing=doing)
        own = {**(site.get("properties") or {}), "siteConfig": config.get("properties") or {}}
        whole = {**site, "id": path, "properties": own, "sitecontainers": await self._sidecars(path, doing)}
        if settings:
            listed = await self.azure.arm.post(f"{path}/config/appsettings/list", SITES_API, doing=doing)
            whole["appsettings"] = listed.get("properties") or {}
        return whole

    async def _sidecars(self, path: str, doing: str) -> list[Json]:
        try:
            return await self.azure.arm.list(f"{path}/sitecontainers", SITES_API, doing=doing)
        except NotFound:
            return []

    async def _instances(self, part: str) -> list[Json]:
        doing = f"Looking at the instances of {self.facts.name}"
        return await self.azure.arm.list(f"{self._path(part)}/instances", SITES_API, doing=doing)
