"""Container apps and their jobs."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json
from acr_relocate.core.errors import TemporaryFailure
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.container_apps import (
    CONTAINER_APPS_API,
    changed_since,
    facts_of_app,
    has_all_traffic,
    is_used,
    job_health,
    names_source,
    revision_health,
    to_source,
    to_target,
    traffic_to,
    without_source,
)
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.writes import SwitchWrite


class ContainerApp(Family):
    """The source's entry leaves the registries only after the proof, and traffic moves only then."""

    advice = "Look at its logs (`az containerapp logs show --type system`). Can its identity pull from the registry?"

    async def find(self) -> Json | None:
        """Return the app or job."""
        doing = f"Looking at {self.facts.name}"
        return await self.azure.arm.find(self.facts.dependent_id, CONTAINER_APPS_API, doing=doing)

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value: images, entry, revision and traffic."""
        planned = self.facts
        if not names_source(found, planned.source_server):
            return None
        return facts_of_app(
            planned.kind,
            found,
            registry_id=planned.registry_id,
            source_server=planned.source_server,
            target_server=planned.target_server,
        )

    def changed_since(self, found: Json) -> str:
        """Return what others have changed of its images and entries."""
        return changed_since(found, self.facts)

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch with the target's images and its entry beside the source's."""
        return self._patch(to_target(found, self.facts))

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch with the former value."""
        return self._patch(to_source(found, self.facts))

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return the health of the latest revision. A job has none: its next execution is the proof."""
        del part, before
        app = await self.get()
        if self.facts.kind == "container_app_job":
            return job_health(app)
        name = str((app.get("properties") or {}).get("latestRevisionName") or "")
        path, doing = f"{self.facts.dependent_id}/revisions/{name}", f"Looking at the revision {name}"
        revision = await self.azure.arm.find(path, CONTAINER_APPS_API, doing=doing) if name else None
        return revision_health(app, revision or {"name": name}, self.facts, server)

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Wait for the new revision, then take the source away: from the traffic, and from the registries."""
        facts = self.facts
        moved = await self.send(self.to_target(await self.get()), "Switching")
        revision = await watch.until_healthy(facts.target_server)
        if facts.traffic and not has_all_traffic(await self.get(), facts, revision):
            for percent in (*sorted(steps), 100):
                moved = await self.send(self._patch(traffic_to(facts, revision, percent)), "Moving traffic of")
                await watch.until_healthy(facts.target_server)
        rest = self._patch(without_source(await self.get(), facts))
        if rest and not await self._using_source():
            moved = await self.send(rest, "Taking the source from the registries of")
        return moved

    async def go_back(self, watch: HealthWatch) -> None:
        """Restore it in one patch."""
        await self.send(self.to_source(await self.get()), "Restoring")
        if self.to_source(await self.get()):
            reason = f"Azure does not show the former value of {self.facts.name} yet"
            raise TemporaryFailure(reason, resource=self.facts.dependent_id)
        await watch.until_healthy(self.facts.source_server)

    async def still_used(self) -> str:
        """Return that other active revisions of the app still run the source's images, or an empty string."""
        names = await self._using_source()
        if not names:
            return ""
        return (
            f"{', '.join(names)} is still active and may pull from the source, so its registry entry stays. Deactivate "
            "it, then switch again: az containerapp revision deactivate"
        )

    async def _using_source(self) -> list[str]:
        """Return the active revisions that may pull from the source at any time."""
        if self.facts.kind == "container_app_job":
            return []
        path, doing = f"{self.facts.dependent_id}/revisions", f"Looking at the revisions of {self.facts.name}"
        revisions = await self.azure.arm.list(path, CONTAINER_APPS_API, doing=doing)
        return [str(one["name"]) for one in revisions if is_used(one, self.facts)]

    def _patch(self, body: Json) -> tuple[SwitchWrite, ...]:
        renews = "template" in body.get("properties", {})
        path = self.facts.dependent_id
        return (SwitchWrite("PATCH", path, CONTAINER_APPS_API, body, renews),) if body else ()
