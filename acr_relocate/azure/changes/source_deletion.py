"""The one irreversible act: a source registry is deleted. And what is read for nothing but the decision about it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.content import listing
from acr_relocate.azure.resources import log_analytics
from acr_relocate.azure.resources.children import STABLE
from acr_relocate.core.errors import AlreadyExists, NotRelocated, RelocationError
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.removal import Detached, RegistryPull, content_fingerprint
from acr_relocate.core.request.selection import Selection

Json = dict[str, Any]

# learn.microsoft.com/azure/azure-monitor/reference/tables/containerregistryrepositoryevents
EVENTS: Final = "ContainerRegistryRepositoryEvents | where _ResourceId =~ '{registry_id}'"
PULLS: Final = (
    "| where OperationName =~ 'Pull' | where Identity !in~ ({ignored}) | distinct Identity, Repository | take 50"
)
FIRST: Final = "| order by TimeGenerated asc | project TimeGenerated | take 1"
NOBODY: Final = "nobody"
LONGEST_KEPT: Final = "P730D"  # a workspace keeps events for two years at most, unless they are archived


async def pulls(
    azure: AzureConnection, registry: Registry, workspaces: tuple[str, ...], days: int, ignored: tuple[str, ...]
) -> tuple[RegistryPull, ...] | Unknown:
    """Who pulled in the last days, as the workspaces tell; Unknown if none of them covers so many days.

    A log that begins later, or that has nothing of this registry at all, does not show that nobody pulled.
    """
    reading: list[RegistryPull] = []
    answer: Unknown | None = Unknown(reason="no diagnostic setting sends its repository events to Log Analytics")
    for workspace in workspaces:
        found = await or_unknown(_pulls(azure, registry, workspace, days, ignored))
        if isinstance(found, Unknown):
            answer = found
        else:
            answer, reading = None, [*reading, *found]
    return answer or tuple(dict.fromkeys(reading))


async def retire(azure: AzureConnection, source: Registry, taken: Detached, contents: Mapping[str, str]) -> None:
    """The registry is gone, and nothing else is; what is `taken` from it first may have to be given back if it is not.

    `contents` are the fingerprints of what was approved, by login server: raises NotRelocated if source or target holds
    anything else in the last moment.
    """
    try:
        for release in taken.releases:
            await azure.arm.delete(release.call.path, release.call.api_version, doing=f"Trying to {release.what}")
        await _last_look(azure, source, contents)
        await azure.arm.delete(source.id, STABLE, doing=f"Deleting the registry {source.name}")
    except BaseException:
        if await _is_there(azure, source.id):
            raise


async def give_back(azure: AzureConnection, taken: Detached) -> None:
    """The registry has again what was taken from it, unless it is gone. What it has is left as it is.

    Raises RelocationError with all that it could not be given back.
    """
    if not await _is_there(azure, taken.registry_id):
        return
    kept: list[str] = []
    for release in reversed(taken.releases):
        doing = f"Giving back {release.subject}"
        try:
            if await azure.arm.find(release.look.call.path, release.look.call.api_version, doing=doing) is None:
                for call in release.undo:
                    with suppress(AlreadyExists):  # by somebody, under another name
                        await azure.arm.put(call.path, call.api_version, call.body, doing=doing)
        except RelocationError as error:
            kept.append(f"{release.subject} ({error.message})")
    if kept:
        raise RelocationError(
            f"What was taken from {taken.registry_id} could not be given back: {'; '.join(kept)}",
            resource=taken.registry_id,
            remedy="Run it again, which tries that first; or give it back by hand, as the approval describes it.",
        )


async def _is_there(azure: AzureConnection, registry_id: str) -> bool:
    doing = f"Looking whether {registry_id.rpartition('/')[2]} is gone"
    return await azure.arm.find(registry_id, STABLE, doing=doing) is not None


async def _pulls(
    azure: AzureConnection, registry: Registry, workspace: str, days: int, ignored: tuple[str, ...]
) -> tuple[RegistryPull, ...]:
    doing, events = f"Asking Log Analytics who pulled from {registry.name}", EVENTS.format(registry_id=registry.id)
    first = await log_analytics.query(azure, workspace, f"{events} {FIRST}", LONGEST_KEPT, doing=doing)
    since = datetime.now(UTC) - timedelta(days=days)
    if not first or datetime.fromisoformat(first[0]["TimeGenerated"]) > since:
        begins = f"begins at {first[0]['TimeGenerated']}" if first else "has nothing of it"
        raise RelocationError(f"its log in {workspace.rpartition('/')[2]} {begins}")
    known_as = log_analytics.literals((NOBODY, *ignored))
    rows = await log_analytics.query(
        azure, workspace, f"{events} {PULLS.format(ignored=known_as)}", f"P{days}D", doing=doing
    )
    return tuple(RegistryPull(identity=str(row["Identity"] or ""), repository=str(row["Repository"])) for row in rows)


async def _last_look(azure: AzureConnection, source: Registry, contents: Mapping[str, str]) -> None:
    for login_server, content in contents.items():
        held = await listing.list_content(azure.data_plane(login_server), Selection())
        if content_fingerprint(held) == content:
            continue
        raise NotRelocated(
            f"{login_server} has changed since the deletion of {source.name} was approved, so it was not deleted",
            code="ChangedSinceApproval",
            resource=source.id,
            remedy="Run again: what is new is compared, and the deletion has to be approved anew.",
        )
