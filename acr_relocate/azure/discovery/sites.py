"""App Service and Function apps that run containers, with their deployment slots, as Azure Resource Manager tells them.

Resource Graph and the app itself show neither its container nor its sidecars (Web Apps - Get Configuration, Web Apps -
List Site Containers).
"""

from __future__ import annotations

from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.discovery.odd_answers import or_odd
from acr_relocate.azure.resources.resource_graph import GRAPH_COLUMNS, Json, query_graph
from acr_relocate.core.errors import NotFound

_WEB: Final = "2024-04-01"
_KINDS: Final = "type in~ ('microsoft.web/sites', 'microsoft.web/sites/slots')"


async def sites(azure: AzureConnection) -> tuple[Json, ...]:
    """Return the apps and slots that run a container, or sidecars beside their code, with what they run."""
    runs = "kind contains 'container' or kind contains 'linux'"
    found = await query_graph(azure, f"resources | where {_KINDS} | where {runs} | {GRAPH_COLUMNS}, tags")
    async with together() as group:
        reading = [group.create_task(or_odd(_with_containers(azure, site), site)) for site in found]
    return tuple(site for task in reading if (site := task.result()))


async def _with_containers(azure: AzureConnection, site: Json) -> Json | None:
    """Return the site with its configuration, if it is a container, and with the sidecars of a Linux app."""
    kind, name = str(site.get("kind") or "").lower(), site["id"].rsplit("/", 1)[-1]
    config: Json | None = None
    if "container" in kind:
        doing = f"Reading which container {name} runs"
        config = await azure.arm.find(f"{site['id']}/config/web", _WEB, doing=doing)
    sidecars = await _sidecars(azure, site["id"], name) if "linux" in kind and "functionapp" not in kind else ()
    own = {**(site.get("properties") or {}), "siteConfig": (config or {}).get("properties") or {}}
    return {**site, "properties": own, "sitecontainers": list(sidecars)}


async def _sidecars(azure: AzureConnection, site_id: str, name: str) -> tuple[Json, ...]:
    doing = f"Reading which containers run beside {name}"
    try:
        found = await azure.arm.list(f"{site_id}/sitecontainers", _WEB, doing=doing)
    except NotFound:
        return ()
    return tuple({"name": one.get("name"), "properties": _pulls(one)} for one in found)


def _pulls(container: Json) -> Json:
    """Return what a sidecar pulls and how, without what else it keeps."""
    own = container.get("properties") or {}
    return {name: str(own[name]) for name in ("image", "authType") if own.get(name)}
