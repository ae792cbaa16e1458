"""Alert rules that watch the registry: the same rules for the target, with the same action groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.cut_over.model import Action, Json, made, our_tags
from acr_relocate.core.cut_over.scene import Cut
from acr_relocate.core.dependencies.surroundings import known, properties
from acr_relocate.core.outside import replaced

# Type -> api-version (Microsoft.Insights), and what Azure computes for such a rule.
KINDS: Final = {
    "microsoft.insights/metricalerts": "2018-03-01",
    "microsoft.insights/activitylogalerts": "2020-10-01",
    "microsoft.insights/scheduledqueryrules": "2023-12-01",
}
COMPUTED: Final = frozenset({"lastUpdatedTime", "isMigrated", "isLegacyLogAnalyticsRule", "provisioningState"})


def watching(cut: Cut) -> Iterator[Json]:
    """Yield the rules whose scope is the source registry."""
    for entry in known(cut.scene.around.naming):
        scopes = [str(scope).rstrip("/").lower() for scope in properties(entry).get("scopes") or ()]
        if str(entry.get("type") or "").lower() in KINDS and cut.source.id.lower() in scopes:
            yield entry


def actions(cut: Cut) -> Iterator[Action]:
    """Yield a rule beside each that watches the source: that one goes on watching as long as there is something."""
    for entry in watching(cut):
        name = f"{entry['name']}-{cut.request.target.name}"
        path = f"{entry['id'].rpartition('/')[0]}/{name}"
        own = _for_target(cut, {key: value for key, value in properties(entry).items() if key not in COMPUTED})
        body = {
            "location": entry.get("location") or "global",
            "tags": our_tags(cut.request, entry.get("tags")),
            "properties": own,
        } | ({"kind": entry["kind"]} if entry.get("kind") else {})
        yield made(
            "alert_rule",
            name,
            f"watch {cut.request.target.name} as {entry['name']} watches {cut.source.name}",
            path,
            KINDS[str(entry["type"]).lower()],
            body,
            expected={"properties": {"scopes": own["scopes"], "enabled": own.get("enabled", True)}},
            about=(str(entry["id"]),),
        )


def _for_target(cut: Cut, own: Json) -> Json:
    by = {cut.source.id.lower(): cut.request.target_id}
    moved: dict[str, Any] = replaced(own, by)
    region = {"targetResourceRegion": cut.request.target.location} if own.get("targetResourceRegion") else {}
    return moved | region
