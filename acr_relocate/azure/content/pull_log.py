"""The pulls in a registry's logs, where Log Analytics keeps them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.discovery.dependents import diagnostic_settings
from acr_relocate.azure.resources.log_analytics import literal, literals, query_logs
from acr_relocate.core.content.pulls import PullLog, with_pulls
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.removal import logs_of_use
from acr_relocate.core.request.relocation import RelocationRequest

# learn.microsoft.com/azure/azure-monitor/reference/tables/containerregistryrepositoryevents
_OF: Final = "ContainerRegistryRepositoryEvents | where _ResourceId =~ {registry_id}"
PULLS: Final = "| where OperationName =~ 'Pull' | where Identity !in~ ({ignored}) | distinct Repository, Tag, Digest"
_BEGINS: Final = "| order by TimeGenerated asc | project TimeGenerated | take 1"
_LONGEST: Final = "P730D"  # a workspace keeps events for two years at most, unless they are archived
_LATELY: Final = 7  # days
_NO_LOGS: Final = Unknown(reason="no diagnostic setting sends its repository events to Log Analytics")


async def mark_pulls(azure: AzureConnection, request: RelocationRequest, content: Content) -> Content:
    """Return the source's content with what was pulled since the time of the selection; without a call if not asked.

    Our own pulls and those of the request's `not_consumers` do not count.
    """
    since = request.selection.pulls_begin(content.listed_at)
    if since is None:
        return content
    days = math.ceil((content.listed_at - since).total_seconds() / 86_400)
    log = await _read_log(azure, request, max(days, 1))
    if isinstance(log, Unknown):
        return with_pulls(content, None, since, log.reason)
    return with_pulls(content, log, since)


async def _read_log(azure: AzureConnection, request: RelocationRequest, days: int) -> PullLog | Unknown:
    registry_id = request.source.resource_id
    settings = await or_unknown(diagnostic_settings(azure, registry_id), "where its logs are sent to")
    if isinstance(settings, Unknown):
        return settings
    workspaces = logs_of_use(Surroundings(diagnostic_settings=settings))
    ignored = (*await azure.own_ids(), *request.not_consumers)
    found: PullLog | Unknown = _NO_LOGS
    for workspace in workspaces:
        log = await or_unknown(
            _pulls(azure, registry_id, workspace, days, ignored), f"the pulls of {request.source.name}"
        )
        if isinstance(log, Unknown):
            found = log if isinstance(found, Unknown) else found
        elif isinstance(found, Unknown):
            found = log
        else:
            found = PullLog(begins=min(found.begins, log.begins), pulled=found.pulled | log.pulled)
    return found


async def recent_pulls(azure: AzureConnection, registry_id: str, around: Surroundings) -> frozenset[str]:
    """Return the last week's pulls of a registry, which may be gone, from the workspaces that `around` sends logs to.

    As `repository@digest` and `repository:tag`.
    """
    ignored, found = await azure.own_ids(), frozenset[str]()
    for workspace in logs_of_use(around):
        log = await or_unknown(_pulls(azure, registry_id, workspace, _LATELY, ignored))
        found |= frozenset() if isinstance(log, Unknown) else log.pulled
    return found


async def _pulls(
    azure: AzureConnection, registry_id: str, workspace: str, days: int, ignored: tuple[str, ...]
) -> PullLog | Unknown:
    doing, events = (
        f"Asking Log Analytics for pulls of {registry_id.rpartition('/')[2]}",
        _OF.format(registry_id=literal(registry_id)),
    )
    first = await query_logs(azure, workspace, f"{events} {_BEGINS}", _LONGEST, doing=doing)
    if not first:
        return Unknown(reason=f"its log in {workspace.rpartition('/')[2]} has nothing of it")
    asked = f"{events} {PULLS.format(ignored=literals(ignored))}"
    rows = await query_logs(azure, workspace, asked, f"P{days}D", doing=doing)
    names = {f"{row['Repository']}@{row['Digest']}" for row in rows if row.get("Digest")}
    names |= {f"{row['Repository']}:{row['Tag']}" for row in rows if row.get("Tag")}
    return PullLog(begins=datetime.fromisoformat(str(first[0]["TimeGenerated"])), pulled=frozenset(names))
