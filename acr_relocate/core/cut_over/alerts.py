"""Alert rules that watch the registry and not the target: the same rules for the target, with the same action groups.

A rule for a group or a subscription is narrowed to the target, so that it covers nothing unrequested. No rule of others
is changed: a rule that is bound to one region cannot include the target (`targetResourceRegion`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.cut_over.arm_calls import Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.model import CutOverAction, create_action, ownership_tags
from acr_relocate.core.cut_over.roles import login_server_placeholder
from acr_relocate.core.dependencies.alerts import (
    ACTIVITY,
    METRICS,
    PROCESSING,
    QUERIES,
    Watched,
    future_watch,
    queries_of,
    scope_holds,
    scopes_of,
    watched,
    watches,
)
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.managed_identities import identity_kinds
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.external_references import replace_ids

# Type -> api-version (Microsoft.Insights, Microsoft.AlertsManagement), and the properties that Azure computes.
ALERT_API_VERSIONS: Final = {
    METRICS: "2018-03-01",
    ACTIVITY: "2020-10-01",
    QUERIES: "2023-12-01",
    PROCESSING: "2021-08-08",
}
_COMPUTED: Final = frozenset({"lastUpdatedTime", "isMigrated", "isLegacyLogAnalyticsRule", "provisioningState"})
ALERT_HOST: Final = "HOST-OF-THE-TARGET"


def alert_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield a new rule beside each that watches the source; the old one stays."""
    source, target = watched(cut.source, cut.scene.around), future_watch(cut.scene, ALERT_HOST)
    for rule in readable_items(cut.scene.around.alerts):
        if watches(rule, source) and not watches(rule, target):
            yield _beside(cut, rule, source, target)


def _beside(cut: CutOverContext, rule: Json, source: Watched, target: Watched) -> CutOverAction:
    kind, name = str(rule["type"]).lower(), f"{rule['name']}-{target.name}"
    own = for_target(rule, source, target)
    body = {
        "location": rule.get("location") or "global",
        "tags": ownership_tags(cut.request, rule.get("tags")),
        "properties": own,
    } | ({"kind": rule["kind"]} if rule.get("kind") else {})
    action = create_action(
        "alert_rule",
        name,
        f"watch {target.name} as {rule['name']} watches {source.name}",
        f"{_home(cut, rule)}/{name}",
        ALERT_API_VERSIONS[kind],
        body,
        expected={"properties": {"scopes": own["scopes"], "enabled": own.get("enabled", True)}},
        fills=(login_server_placeholder(cut, ALERT_HOST),) if ALERT_HOST in str(own) else (),
        about=(str(rule["id"]),),
    )
    return action.model_copy(update={"refused": _refusal(rule, own, source, target)})


def _home(cut: CutOverContext, rule: Json) -> str:
    """Return the path for the new rule: beside the other, or with the target if that is in another subscription.

    A rule for the activity log watches its own subscription alone (hashicorp/terraform-provider-azurerm#25053), and one
    for metrics is kept with its resource. A query rule reads its workspace from anywhere.
    """
    parts = str(rule["id"]).split("/")
    elsewhere = parts[2].lower() != cut.request.target_subscription_id.lower()
    if elsewhere and str(rule["type"]).lower() != QUERIES:
        parts[2], parts[4] = cut.request.target_subscription_id, cut.request.target.resource_group
    return "/".join(parts[:-1])


def for_target(rule: Json, source: Watched, target: Watched) -> Json:
    """Return the properties of the rule for the target."""
    kept = {key: value for key, value in properties(rule).items() if key not in _COMPUTED}
    own: dict[str, Any] = replace_ids(kept, {source.id.lower(): target.id})
    if own.get("targetResourceRegion"):
        own["targetResourceRegion"] = target.location
    if str(rule["type"]).lower() != QUERIES:
        moved: Json = _in_group(own, ResourceId(source.id).group, ResourceId(target.id).group)
        return moved | {"scopes": [target.id]}
    narrowed = (
        target.id if scope_holds(one, source) and not scope_holds(one, target) else one for one in scopes_of(own)
    )
    criteria = own.get("criteria") or {}
    asked = [
        one | {"query": _renamed(str(one.get("query") or ""), source, target)} for one in criteria.get("allOf", [])
    ]
    return own | {"scopes": list(dict.fromkeys(narrowed)), "criteria": criteria | {"allOf": asked}}


def _in_group(value: Any, here: str, there: str) -> Any:
    """Return a condition with the source's group replaced by the target's."""
    if isinstance(value, list):
        return [_in_group(one, here, there) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _in_group(one, here, there) for name, one in value.items()}
    keeps = str(inner.get("field") or "").lower() == "resourcegroup"
    return inner | {"equals": there} if keeps and str(inner.get("equals") or "").lower() == here.lower() else inner


def _renamed(query: str, source: Watched, target: Watched) -> str:
    """Return the query with the target in place of the source, by id, login server and name; capitals stay capitals."""

    def other(found: Any) -> str:
        text: str = found[0]
        if text.lower() == source.login_server.lower():
            return target.login_server
        name = target.id if text.startswith("/") else target.name
        return name.upper() if text.isupper() else name

    return source.pattern.sub(other, query)


def _refusal(rule: Json, own: Json, source: Watched, target: Watched) -> str:
    """Return why the rule cannot be copied, with the property that a person has to change; or an empty string."""
    if identity_kinds(rule.get("identity")):
        return "identity: it asks as an identity of its own, which needs its roles; make it with one that has them"
    if not watches({"type": rule["type"], "properties": own}, target):
        return "scopes: it asks a workspace that the target does not log to"
    still = any(source.pattern.search(query) for query in queries_of(own))
    return f"criteria.allOf[].query: it still names {source.name}" if still else ""
