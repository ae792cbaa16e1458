"""The one irreversible action: delete a source registry. And the reads for the decision about it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from acr_relocate.azure.changes.last_look import require_no_new_repository
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import log_analytics, metrics
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.errors import AlreadyExists, RelocationError
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.removal import Detached, RegistryUse, release_actions

Json = dict[str, Any]

# learn.microsoft.com/azure/azure-monitor/reference/tables/containerregistryrepositoryevents
_EVENTS: Final = "ContainerRegistryRepositoryEvents | where _ResourceId =~ '{registry_id}'"
USES: Final = (
    "| where OperationName in~ ('Pull', 'Push') | where Identity !in~ ({ignored}) "
    "| distinct OperationName, Identity, Repository | take 50"
)
_FIRST: Final = "| order by TimeGenerated asc | project TimeGenerated | take 1"
NO_IDENTITY: Final = "no identity"
LONGEST_KEPT: Final = "P730D"  # a workspace keeps events for two years at most, unless they are archived


async def read_uses(
    azure: AzureConnection, registry: Registry, workspaces: tuple[str, ...], days: int, ignored: tuple[str, ...]
) -> tuple[RegistryUse, ...] | Unknown:
    """Return the pulls and pushes of the last days from the workspaces; Unknown if none covers so many days.

    A log that begins later, or that has no entry of this registry, does not prove absence of pulls. Its entries
    count all the same. Where no log tells, Azure's metrics tell how many there were, but not whose.
    """
    found: list[RegistryUse] = []
    answer: Unknown | None = Unknown(reason="no diagnostic setting sends its repository events to Log Analytics")
    for workspace in workspaces:
        uses = await or_unknown(_uses(azure, registry, workspace, days, ignored))
        if isinstance(uses, Unknown):
            answer = uses if answer else None
        else:
            answer, found = None, [*found, *uses]
    return await _with_count(azure, registry, days, answer) if answer else tuple(dict.fromkeys(found))


async def _with_count(azure: AzureConnection, registry: Registry, days: int, unknown: Unknown) -> Unknown:
    """Return the reason, with the counts of Azure's metrics: this service's own pulls are among them."""
    counted = await or_unknown(metrics.pulls_and_pushes(azure, registry.id, days))
    if isinstance(counted, Unknown):
        return unknown
    pulls, pushes = counted
    told = f"Azure counts {pulls:,} pulls and {pushes:,} pushes in these days, this service's own among them"
    return Unknown(reason=f"{unknown.reason}; {told}")


async def retire(azure: AzureConnection, source: Registry, taken: Detached, known: frozenset[str]) -> None:
    """Delete the registry, and nothing else; the settings in `taken` have to be restored if it stays.

    Its repositories, `known` by name, are locked and have been checked. So the settings are removed first, for the
    duration of a deletion. Raises NotRelocated if a repository was pushed meanwhile.
    """
    try:
        for release in release_actions(taken, source.id):
            await azure.arm.delete(release.call.path, release.call.api_version, doing=f"Trying to {release.what}")
        await require_no_new_repository(azure, source.login_server, known)
        await azure.arm.delete(source.id, STABLE, doing=f"Deleting the registry {source.name}")
    except BaseException:
        if await is_there(azure, source.id):
            raise


async def restore_detached(azure: AzureConnection, taken: Detached, registry_id: str) -> tuple[str, ...]:
    """Restore the removed settings of the registry, unless it is gone. Existing ones are left unchanged.

    Returns the restored ones. Raises RelocationError with all that could not be restored.
    """
    if not await is_there(azure, registry_id):
        return ()
    given: list[str] = []
    kept: list[str] = []
    for release in reversed(release_actions(taken, registry_id)):
        try:
            if await _restore(azure, release):
                given.append(release.subject)
        except RelocationError as error:
            kept.append(f"{release.subject} ({error.message})")
    if kept:
        raise RelocationError(
            f"The registry {registry_id.rpartition('/')[2]} exists, and could not be restored: {'; '.join(kept)}",
            code="NotGivenBack",
            resource=registry_id,
            remedy="Run again, which tries that first; or restore them yourself, as the approval describes.",
        )
    return tuple(given)


async def is_there(azure: AzureConnection, registry_id: str) -> bool:
    """Return whether the registry exists."""
    doing = f"Looking whether {registry_id.rpartition('/')[2]} is gone"
    return await azure.arm.find(registry_id, STABLE, doing=doing) is not None


async def _restore(azure: AzureConnection, release: CutOverAction) -> bool:
    """Return whether the setting was missing and has been restored."""
    doing = f"Restoring {release.subject}"
    if await azure.arm.find(release.look.call.path, release.look.call.api_version, doing=doing) is not None:
        return False
    for call in release.undo:
        with suppress(AlreadyExists):  # under another name
            await azure.arm.put(call.path, call.api_version, call.body, doing=doing)
    return True


async def _uses(
    azure: AzureConnection, registry: Registry, workspace: str, days: int, ignored: tuple[str, ...]
) -> tuple[RegistryUse, ...]:
    doing, events = f"Asking Log Analytics for users of {registry.name}", _EVENTS.format(registry_id=registry.id)
    known_as = log_analytics.literals((NO_IDENTITY, *ignored))
    rows = await log_analytics.query_logs(
        azure, workspace, f"{events} {USES.format(ignored=known_as)}", f"P{days}D", doing=doing
    )
    if not rows:
        await _require_long_enough(azure, workspace, events, days, doing)
    return tuple(
        RegistryUse(
            identity=str(row["Identity"] or ""),
            repository=str(row["Repository"]),
            operation="Push" if str(row["OperationName"]).lower() == "push" else "Pull",
        )
        for row in rows
    )


async def _require_long_enough(azure: AzureConnection, workspace: str, events: str, days: int, doing: str) -> None:
    """Raise RelocationError with the beginning of the log unless it covers so many days."""
    first = await log_analytics.query_logs(azure, workspace, f"{events} {_FIRST}", LONGEST_KEPT, doing=doing)
    since = datetime.now(UTC) - timedelta(days=days)
    if not first or datetime.fromisoformat(first[0]["TimeGenerated"]) > since:
        begins = f"begins at {first[0]['TimeGenerated']}" if first else "has nothing of it"
        raise RelocationError(f"its log in {workspace.rpartition('/')[2]} {begins}")
