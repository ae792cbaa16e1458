"""Read the images that clusters run from their logs: Azure itself never shows the inside of a cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import log_analytics
from acr_relocate.core.evidence.unknown import Unknown

Json = dict[str, Any]

# The agent writes the part before the first slash as the repository (docker-provider, container inventory).
IMAGES: Final = """ContainerInventory
| extend name = strcat(Repository, '/', Image)
| where name startswith '{login_server}/'
| distinct _ResourceId, name, ImageTag"""
LATELY: Final = "P7D"


async def images_running(
    azure: AzureConnection, login_server: str, clusters: Iterable[Json]
) -> dict[str, tuple[str, ...] | Unknown]:
    """Return the registry's images that ran in the last week, as `repository:tag`, by the cluster's lower-case id.

    A cluster without Container insights has no entry; one with unreadable or missing logs is Unknown.
    """
    workspaces: dict[str, list[str]] = defaultdict(list)
    for cluster in clusters:
        if workspace := _workspace(cluster):
            workspaces[workspace].append(cluster["id"].lower())
    kql = IMAGES.format(login_server=login_server)
    doing = "Asking Log Analytics which images clusters run"
    async with together() as group:
        asked = {
            workspace: group.create_task(
                or_unknown(log_analytics.query_logs(azure, workspace, kql, LATELY, doing=doing))
            )
            for workspace in workspaces
        }
    return {
        cluster: answer if isinstance(answer, Unknown) else _of(cluster, answer, len(login_server) + 1)
        for workspace, reading in asked.items()
        for answer in (reading.result(),)
        for cluster in workspaces[workspace]
    }


def _of(cluster: str, rows: Iterable[Json], prefix: int) -> tuple[str, ...]:
    own = (row for row in rows if row["_ResourceId"].lower() == cluster)
    return tuple(sorted(f"{row['name'][prefix:]}:{row['ImageTag']}" for row in own))


def _workspace(cluster: Json) -> str:
    """Return the id of the workspace of Container insights, lower-case; empty if it is off."""
    addons = (cluster.get("properties") or {}).get("addonProfiles") or {}
    agent: Json = next((addon for name, addon in addons.items() if name.lower() == "omsagent"), {})
    settings = agent.get("config") or {}
    found = next((str(one) for name, one in settings.items() if name.lower() == "loganalyticsworkspaceresourceid"), "")
    return found.lower() if agent.get("enabled") else ""
