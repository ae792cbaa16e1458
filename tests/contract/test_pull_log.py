"""Pulls read from the source's logs in Log Analytics."""

from datetime import UTC, datetime, timedelta
from typing import Any

from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.content.pull_log import mark_pulls, recent_pulls
from acr_relocate.azure.discovery.dependents import diagnostic_settings
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

EVENTS = "ContainerRegistryRepositoryEvents"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
LOGS_ID = f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/pulls"


def event(source: RegistryRef, operation: str, tag: str = "", *, days: int = 0, identity: str = "x") -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days)
    names = {"OperationName": operation, "Identity": identity, "Repository": "app", "Tag": tag, "Digest": ""}
    return {"TimeGenerated": at.isoformat(), "_ResourceId": source.resource_id.lower(), **names}


async def test_what_the_logs_show_as_pulled_is_told_from_what_they_do_not(factory: RegistryFactory) -> None:
    """Pulls by an identity that the request ignores do not count; what is pushed since is kept; without logs all is."""
    source, emulator = await factory.registry(), factory.emulator
    push = factory.pushed(source)
    for tag in ("used", "unused", "scanned"):
        await push.image("app", tag, text=tag)
    since = datetime.now(UTC).isoformat()
    await push.image("app", "new", text="new")
    asked = RelocationRequest(
        source=source,
        target=TargetRef(name="elsewhere0001", location="northeurope"),
        selection=Selection(pulled_since=since),
        not_consumers=["scanner"],
    )
    content = await list_content(factory.plane(source), asked.selection)

    emulator.plant(LOGS_ID, location="westeurope", properties={})
    dark = await mark_pulls(factory.azure, asked, content)
    emulator.plant(
        f"{source.resource_id}/providers/Microsoft.Insights/diagnosticSettings/logs",
        properties={"workspaceId": LOGS_ID, "logs": [{"category": EVENTS, "enabled": True}]},
    )
    scan = event(source, "Pull", "scanned", identity="scanner")
    emulator.log(LOGS_ID, EVENTS, event(source, "Push", days=60), event(source, "Pull", "used"), scan)
    marked = await mark_pulls(factory.azure, asked, content)

    [setting] = await diagnostic_settings(factory.azure, source.resource_id)
    around = Surroundings(diagnostic_settings=(setting,))
    assert await recent_pulls(factory.azure, source.resource_id, around) == {"app:used", "app:scanned"}
    assert await recent_pulls(factory.azure, source.resource_id, Surroundings()) == frozenset()
    assert marked.pulls_unknown == ""
    [app] = marked.repositories
    pulled = {manifest.digest: manifest.pulled for manifest in app.manifests}
    states = {tag.name: pulled[tag.digest] for tag in app.tags}
    assert states == {"used": True, "unused": False, "scanned": False, "new": None}
    assert {one.pulled for one in dark.repositories[0].manifests} == {None}
    assert "no diagnostic setting" in dark.pulls_unknown
