"""Switch one dependent to the target, see it healthy, and restore its former value: compare, act, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from acr_relocate.azure.changes.switched.container_apps import ContainerApp
from acr_relocate.azure.changes.switched.downstream_rules import CacheRule
from acr_relocate.azure.changes.switched.downstream_tasks import RegistryTask
from acr_relocate.azure.changes.switched.family import Family
from acr_relocate.azure.changes.switched.one_setting import OneSetting
from acr_relocate.azure.changes.switched.sites import Site
from acr_relocate.azure.changes.switched.workloads import ClusterWorkloads
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.outcomes import Outcome, OutcomeKind
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.stored_result import wrong_places
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import DependentHealth

FIRST_HEALTH_LOOK: Final = 1.0
LONGEST_HEALTH_LOOK: Final = 15.0
"""Seconds between two looks at a dependent that is starting; it takes half a minute to a few minutes."""

_FAMILIES: Final[dict[SwitchedKind, type[Family]]] = {
    "container_app": ContainerApp,
    "container_app_job": ContainerApp,
    "web_app": Site,
    "function_app": Site,
    "cluster": ClusterWorkloads,
    "ml_workspace": OneSetting,
    "flux_configuration": OneSetting,
    "downstream_rule": CacheRule,
    "downstream_task": RegistryTask,
}


async def find_former(azure: AzureConnection, planned: SwitchedDependent, names: RenameMap) -> SwitchedDependent | None:
    """Return the former value of the dependent as it is now; None if it is gone or does not name the source.

    `names`: the repositories at the target.
    """
    family = _FAMILIES[planned.kind](azure, planned)
    found = await family.find()
    try:
        former = None if found is None else family.former(found)
    except ValidationError as error:
        raise RelocationError(
            f"The former value of {planned.name} could not be recorded ({wrong_places(error)})",
            code="NotRecordable",
            resource=planned.dependent_id,
        ) from None
    return former and former.under(names)


async def require_deletion(azure: AzureConnection, former: SwitchedDependent, since: str) -> None:
    """Raise RecordBroken for a record of a deleted cache rule whose deletion Azure does not confirm."""
    if former.rule:
        await CacheRule(azure, former).require_deletion(since)


async def find_change(azure: AzureConnection, former: SwitchedDependent) -> str:
    """Return what others have changed of that which the switch changes, or an empty string."""
    family = _FAMILIES[former.kind](azure, former)
    found = await family.find()
    return "it is gone" if found is None else family.changed_since(found)


async def switch(azure: AzureConnection, former: SwitchedDependent, seconds: float, steps: Iterable[int]) -> Outcome:
    """Let the dependent run the target's images, and see it healthy within the time.

    Only then is the rest done: traffic moves in these steps, and the source goes from its registries. Again: what is
    done is left alone. Raises RelocationError if it is refused or not healthy; it may be half done then.
    """
    family = _FAMILIES[former.kind](azure, former)
    watch = _Watch(family, seconds)
    try:
        async with asyncio.timeout(seconds):
            found = await family.find()
            if reason := "it is gone" if found is None else family.changed_since(found):
                raise _changed(former, reason)
            for part in family.replaced(found or {}):
                await _require_healthy_before(watch, former, part)
            moved = await family.go_there(watch, steps)
    except TimeoutError:
        words = (await watch.look(former.target_server)).words
        raise _unhealthy(former, f"it was not healthy within {seconds / 60:.0f} minutes: {words}") from None
    kind: OutcomeKind = "created" if moved else "already_there"
    return Outcome(kind=kind, subject=former.name, reason=await family.still_used())


async def _require_healthy_before(watch: _Watch, former: SwitchedDependent, part: str) -> None:
    """Raise RelocationError if it is not healthy now: after the switch nothing could be told from its health."""
    health = await watch.look(former.source_server, part)
    if health.state != "ready":
        raise _unhealthy(former, f"before the switch {health.words}, so it was left as it is")


async def restore(azure: AzureConnection, former: SwitchedDependent, seconds: float) -> Outcome:
    """Give the dependent its former value again, unless somebody else has changed it since; then see it healthy.

    `already_there`: it has its former value. `skipped`: it is left as it is. Raises RelocationError if it cannot be
    restored, or is not healthy with its former value within the time.
    """
    family = _FAMILIES[former.kind](azure, former)
    watch = _Watch(family, seconds)
    found = await family.find()
    if found is None:
        return Outcome(kind="already_there", subject=former.name, reason="it is gone")
    if reason := family.changed_since(found):
        return Outcome(kind="skipped", subject=former.name, reason=f"left as it is: {reason}")
    if not family.to_source(found):
        return Outcome(kind="already_there", subject=former.name)
    try:
        async with asyncio.timeout(seconds):
            await family.go_back(watch)
    except TimeoutError:
        words = (await watch.look(former.source_server)).words
        raise _unhealthy(former, f"with its former value again it is not healthy: {words}") from None
    return Outcome(kind="removed", subject=former.name, reason=await family.not_restored())


class _Watch:
    """Looks at one dependent, within a time limit in seconds that its caller keeps."""

    def __init__(self, family: Family, seconds: float) -> None:
        self._family, self._steady = family, min(family.steady_seconds, seconds / 3)
        self._before: dict[str, frozenset[str]] = {}

    async def before_change(self, part: str = "") -> None:
        """Note what runs now."""
        self._before[part] = await self._family.running(part)

    async def look(self, server: str, part: str = "") -> DependentHealth:
        """Return its health now."""
        return await self._family.health(server, part, self._before.get(part, frozenset()))

    async def until_healthy(self, server: str, part: str = "") -> str:
        """Wait until it is healthy: for a while, where what runs cannot be told from what ran before the change."""
        steady = self._steady if part in self._before and not self._before[part] else 0.0
        pause, clock = FIRST_HEALTH_LOOK, asyncio.get_running_loop().time
        since: float | None = None
        while True:
            health = await self.look(server, part)
            if health.state == "failed":
                raise _unhealthy(self._family.facts, health.words)
            since = None if health.state != "ready" else clock() if since is None else since
            if since is not None and clock() - since >= steady:
                return health.revision
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_HEALTH_LOOK)


def _changed(former: SwitchedDependent, reason: str) -> RelocationError:
    return RelocationError(
        f"{former.name} has changed since it was looked at: {reason}",
        code="ChangedSince",
        resource=former.dependent_id,
        remedy="Run again.",
    )


def _unhealthy(former: SwitchedDependent, reason: str) -> RelocationError:
    return RelocationError(
        f"{former.name} is not healthy: {reason}",
        code="NotHealthy",
        resource=former.dependent_id,
        remedy=_FAMILIES[former.kind].advice,
    )
