"""Switch one dependent to the target, see it healthy, and restore its former value: compare, act, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RelocationError, TemporaryFailure
from acr_relocate.core.outcomes import Outcome, OutcomeKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.container_apps import (
    CONTAINER_APPS_API,
    Json,
    RevisionHealth,
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

FIRST_HEALTH_LOOK: Final = 1.0
LONGEST_HEALTH_LOOK: Final = 15.0
"""Seconds between two looks at a revision that is starting; it takes half a minute to a few minutes."""


async def find_former(azure: AzureConnection, planned: SwitchedDependent) -> SwitchedDependent | None:
    """Return the former value of the dependent as it is now; None if it is gone or does not name the source."""
    app = await _find(azure, planned)
    if app is None or not names_source(app, planned.source_server):
        return None
    return facts_of_app(
        planned.kind,
        app,
        registry_id=planned.registry_id,
        source_server=planned.source_server,
        target_server=planned.target_server,
    )


async def find_change(azure: AzureConnection, former: SwitchedDependent) -> str:
    """Return what others have changed of that which the switch changes, or an empty string."""
    app = await _find(azure, former)
    return "it is gone" if app is None else changed_since(app, former)


async def switch(azure: AzureConnection, former: SwitchedDependent, seconds: float, steps: Iterable[int]) -> Outcome:
    """Let the dependent run the target's images, and see it healthy within the time.

    Only then does the traffic move, in these steps, and the source's entry go from its registries. Again: what is done
    is left alone. Raises RelocationError if it is refused or not healthy; it may be half done then.
    """
    try:
        async with asyncio.timeout(seconds):
            app = await _get(azure, former)
            if reason := changed_since(app, former):
                raise _changed(former, reason)
            patch = to_target(app, former)
            if "template" in patch.get("properties", {}):
                await _require_healthy_before(azure, former)
            if patch:
                await _change(azure, former, patch, f"Switching {former.name}")
            moved = await _prove(azure, former, steps)
    except TimeoutError:
        words = (await _health(azure, former, former.target_server)).words
        raise _unhealthy(former, f"it was not healthy within {seconds / 60:.0f} minutes: {words}") from None
    kind: OutcomeKind = "created" if patch or moved else "already_there"
    return Outcome(kind=kind, subject=former.name, reason=await _still_used(azure, former))


async def _require_healthy_before(azure: AzureConnection, former: SwitchedDependent) -> None:
    """Raise RelocationError if it is not healthy now: after the switch nothing could be told from its health."""
    health = await _health(azure, former, former.source_server)
    if health.state != "ready":
        raise _unhealthy(former, f"before the switch {health.words}, so it was left as it is")


async def _prove(azure: AzureConnection, former: SwitchedDependent, steps: Iterable[int]) -> bool:
    """Wait for the new revision, then take the source away: from the traffic, and from the registries."""
    revision = await _until_healthy(azure, former, former.target_server)
    moved = False
    if former.traffic and not has_all_traffic(await _get(azure, former), former, revision):
        for percent in (*sorted(steps), 100):
            await _change(azure, former, traffic_to(former, revision, percent), f"Moving traffic of {former.name}")
            await _until_healthy(azure, former, former.target_server)
        moved = True
    patch = without_source(await _get(azure, former), former)
    if patch and not await _using_source(azure, former):
        await _change(azure, former, patch, f"Taking the source from the registries of {former.name}")
        moved = True
    return moved


async def restore(azure: AzureConnection, former: SwitchedDependent, seconds: float) -> Outcome:
    """Give the dependent its former value again, unless somebody else has changed it since; then see it healthy.

    `already_there`: it has its former value. `skipped`: it is left as it is. Raises RelocationError if it cannot be
    restored, or is not healthy with its former value within the time.
    """
    app = await _find(azure, former)
    if app is None:
        return Outcome(kind="already_there", subject=former.name, reason="it is gone")
    if reason := changed_since(app, former):
        return Outcome(kind="skipped", subject=former.name, reason=f"left as it is: {reason}")
    patch = to_source(app, former)
    if not patch:
        return Outcome(kind="already_there", subject=former.name)
    try:
        async with asyncio.timeout(seconds):
            restored = await _change(azure, former, patch, f"Restoring {former.name}")
            if to_source(restored, former):
                reason = f"Azure does not show the former value of {former.name} yet"
                raise TemporaryFailure(reason, resource=former.dependent_id)
            await _until_healthy(azure, former, former.source_server)
    except TimeoutError:
        words = (await _health(azure, former, former.source_server)).words
        raise _unhealthy(former, f"with its former value again it is not healthy: {words}") from None
    return Outcome(kind="removed", subject=former.name)


async def _until_healthy(azure: AzureConnection, former: SwitchedDependent, server: str) -> str:
    """Wait until the latest revision runs images of this server and is ready; return its name."""
    look = FIRST_HEALTH_LOOK
    while True:
        health = await _health(azure, former, server)
        if health.state == "ready":
            return health.revision
        if health.state == "failed":
            raise _unhealthy(former, health.words)
        await asyncio.sleep(look)
        look = min(look * 1.5, LONGEST_HEALTH_LOOK)


async def _health(azure: AzureConnection, former: SwitchedDependent, server: str) -> RevisionHealth:
    """Return the health of the latest revision. A job has none: its next execution is the proof."""
    app = await _get(azure, former)
    if former.kind == "container_app_job":
        return job_health(app)
    name = str((app.get("properties") or {}).get("latestRevisionName") or "")
    path, doing = f"{former.dependent_id}/revisions/{name}", f"Looking at the revision {name}"
    revision = await azure.arm.find(path, CONTAINER_APPS_API, doing=doing) if name else None
    return revision_health(app, revision or {"name": name}, former, server)


async def _using_source(azure: AzureConnection, former: SwitchedDependent) -> list[str]:
    """Return the active revisions that may pull from the source at any time."""
    if former.kind == "container_app_job":
        return []
    path, doing = f"{former.dependent_id}/revisions", f"Looking at the revisions of {former.name}"
    revisions = await azure.arm.list(path, CONTAINER_APPS_API, doing=doing)
    return [str(one["name"]) for one in revisions if is_used(one, former)]


async def _still_used(azure: AzureConnection, former: SwitchedDependent) -> str:
    """Return that other active revisions of the app still run the source's images, or an empty string."""
    names = await _using_source(azure, former)
    if not names:
        return ""
    return (
        f"{', '.join(names)} is still active and may pull from the source, so its registry entry stays. Deactivate it, "
        "then switch again: az containerapp revision deactivate"
    )


async def _change(azure: AzureConnection, former: SwitchedDependent, patch: Json, doing: str) -> Json:
    return await azure.arm.patch(former.dependent_id, CONTAINER_APPS_API, patch, doing=doing)


async def _find(azure: AzureConnection, former: SwitchedDependent) -> Json | None:
    return await azure.arm.find(former.dependent_id, CONTAINER_APPS_API, doing=f"Looking at {former.name}")


async def _get(azure: AzureConnection, former: SwitchedDependent) -> Json:
    return await azure.arm.get(former.dependent_id, CONTAINER_APPS_API, doing=f"Looking at {former.name}")


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
        remedy="Look at its logs (az containerapp logs show --type system). Can its identity pull from the registry?",
    )
