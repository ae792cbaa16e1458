"""Tasks of other registries, which name the registry in their steps and in what they sign in to."""

from __future__ import annotations

from collections.abc import Iterable

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json, not_switchable
from acr_relocate.core.registry.resource_types import TASKS
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.downstream_tasks import (
    TaskNames,
    facts_of_task,
    task_changed_since,
    task_health,
    task_to_source,
    task_to_target,
    task_without_source,
    why_task_not_switched,
)
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.writes import SwitchWrite


class RegistryTask(Family):
    """Its steps and its login at the target first, then the login at the source goes."""

    advice = "Look at the task (`az acr task show`). May its identity pull from the registry?"

    async def find(self) -> Json | None:
        """Return the task."""
        return await self.azure.arm.find(self.facts.dependent_id, TASKS, doing=f"Looking at {self.facts.name}")

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value. Raises RelocationError for a task that is left to people."""
        planned, names = self.facts, self._names
        if not names.places(found):
            return None
        target = TaskNames(planned.target_server, planned.registry_id)
        if reason := why_task_not_switched(found, names, target):
            raise not_switchable(planned, reason)
        return facts_of_task(
            found | {"id": planned.dependent_id},
            names,
            registry_id=planned.registry_id,
            target_server=planned.target_server,
        )

    def changed_since(self, found: Json) -> str:
        """Return what others have changed of its steps and logins."""
        return task_changed_since(found, self.facts)

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch of its steps, with the target's login."""
        return task_to_target(found, self.facts)

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the patch with the former value."""
        return task_to_source(found, self.facts)

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return what Azure tells of it."""
        del server, part, before
        return task_health(await self.get())

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Name the target, wait until Azure has accepted that, and take the source's login away."""
        del steps
        moved = await self.send(self.to_target(await self.get()), "Switching")
        await watch.until_healthy(self.facts.target_server)
        return await self.send(task_without_source(await self.get(), self.facts), "Switching") or moved

    async def go_back(self, watch: HealthWatch) -> None:
        """Name the source again."""
        await self.send(self.to_source(await self.get()), "Restoring")
        await watch.until_healthy(self.facts.source_server)

    async def still_used(self) -> str:
        """Return the places that name the source still: what Azure computes, until the next build."""
        left = self._names.places(await self.get())
        return f"still names the source, until its next run: {', '.join(left)}" if left else ""

    @property
    def _names(self) -> TaskNames:
        return TaskNames(self.facts.source_server, self.facts.registry_id)
