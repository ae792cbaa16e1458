"""Alert rules that watch the registry: by their scope, by their condition, or in their query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, Surroundings, properties, readable_items
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId

PROVIDER: Final = "microsoft.containerregistry"
_REGISTRIES: Final = f"{PROVIDER}/registries"
METRICS: Final = "microsoft.insights/metricalerts"
ACTIVITY: Final = "microsoft.insights/activitylogalerts"
QUERIES: Final = "microsoft.insights/scheduledqueryrules"
PROCESSING: Final = "microsoft.alertsmanagement/actionrules"

# The tables and the resource provider under which registries log (azure-monitor/reference/tables).
_LOGS: Final = re.compile(r"containerregistry(login|repository)events|microsoft\.containerregistry", re.IGNORECASE)
# Filters of a query to some registries: to others, if it does not name this one.
NARROWED: Final = re.compile(
    r"\b(Registry|Resource|_ResourceId|ResourceId|LoginServer)\b\s*(=~|==|has|contains|in~?|startswith)", re.IGNORECASE
)


class Watched(FrozenModel):
    """A registry as alert rules know it. `logs`: the workspaces that it sends its logs to, in lower case."""

    id: str
    name: str
    location: str
    login_server: str = ""
    logs: frozenset[str] = frozenset()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return a pattern of its id, login server or name, each as a whole word: never part of another registry's."""
        server = rf"(?<![\w-]){re.escape(self.login_server)}(?![\w-])|" if self.login_server else ""
        return re.compile(
            rf"{re.escape(self.id)}(?![\w-])|{server}(?<![\w-]){re.escape(self.name)}(?![\w-])", re.IGNORECASE
        )


def watched(registry: Registry, around: Surroundings) -> Watched:
    """Return an existing registry as alert rules see it."""
    settings = (properties(one) for one in readable_items(around.diagnostic_settings))
    return Watched(
        id=registry.id,
        name=registry.name,
        location=normalise_location(registry.location),
        login_server=registry.login_server,
        logs=frozenset(str(one.get("workspaceId") or "").lower() for one in settings) - {""},
    )


def future_watch(scene: MapContext, login_server: str = "") -> Watched:
    """Return the future target, with the diagnostic settings that the deployment creates."""
    made = (
        scene.carried_of("diagnosticSettings", one["id"]) for one in readable_items(scene.around.diagnostic_settings)
    )
    target = scene.request.target
    return Watched(
        id=scene.target_id,
        name=target.name,
        location=target.location,
        login_server=login_server,
        logs=frozenset(str(one.properties.get("workspaceId") or "").lower() for one in made if one) - {""},
    )


def watches(rule: Json, registry: Watched) -> bool:
    """Return whether the rule would fire for an event of this registry."""
    kind = str(rule.get("type") or "").lower()
    return kind in ALERTS_BY_TYPE and ALERTS_BY_TYPE[kind](properties(rule), registry)


def scopes_of(own: Json) -> tuple[str, ...]:
    """Return the ids of a rule's scopes."""
    return tuple(str(scope).rstrip("/") for scope in own.get("scopes") or ())


def scope_holds(scope: str, registry: Watched) -> bool:
    """Return whether the registry is the scope, or in it."""
    return f"{registry.id}/".lower().startswith(f"{scope}/".lower())


def queries_of(own: Json) -> tuple[str, ...]:
    """Return the texts of a rule's queries."""
    return tuple(str(one.get("query") or "") for one in (own.get("criteria") or {}).get("allOf") or ())


def _is_scope(own: Json, registry: Watched) -> bool:
    return registry.id.lower() in (scope.lower() for scope in scopes_of(own))


def _metric(own: Json, registry: Watched) -> bool:
    """Match some resources, or all of a type in a scope; of one region (MetricAlert.targetResourceRegion)."""
    if _is_scope(own, registry):
        return True
    region = normalise_location(str(own.get("targetResourceRegion") or registry.location))
    is_of_type = str(own.get("targetResourceType") or "").lower() == _REGISTRIES
    return is_of_type and region == registry.location and any(scope_holds(scope, registry) for scope in scopes_of(own))


def _activity_log(own: Json, registry: Watched) -> bool:
    """Match by prefix of the resources' ids (ActivityLogAlert.scopes)."""
    is_inside = any(scope_holds(scope, registry) for scope in scopes_of(own))
    return is_inside and _admits({"allOf": (own.get("condition") or {}).get("allOf") or ()}, registry)


def _admits(condition: Json, registry: Watched) -> bool:
    """Return whether the condition admits events of the registry; one without a place admits all."""
    if "allOf" in condition:
        return all(_admits(one, registry) for one in condition["allOf"])
    if condition.get("anyOf"):
        return any(_admits(one, registry) for one in condition["anyOf"])
    is_it = PLACES.get(str(condition.get("field") or "").lower())
    values = [condition.get("equals"), *(condition.get("containsAny") or ())]
    return is_it is None or any(is_it(str(one).lower(), registry) for one in values if one)


# Fields of an event that name its resource (azure-monitor, activity log event schema). The health of a service is
# that of a subscription, not of a resource.
PLACES: Final[dict[str, Callable[[str, Watched], bool]]] = {
    "category": lambda value, _: value != "servicehealth",
    "resourceid": lambda value, registry: f"{value}/".startswith(f"{registry.id}/".lower()),
    "resourcegroup": lambda value, registry: value == ResourceId(registry.id).group.lower(),
    "resourcetype": lambda value, _: f"{value}/".startswith(f"{_REGISTRIES}/"),
    "resourceprovider": lambda value, _: value == PROVIDER,
    "operationname": lambda value, _: value.startswith(f"{PROVIDER}/"),
}


def _query(own: Json, registry: Watched) -> bool:
    """Return whether the query names the registry, or reads all registries of the workspace that it logs to."""
    scopes, text = scopes_of(own), "\n".join(queries_of(own))
    if _is_scope(own, registry) or registry.pattern.search(text):
        return True
    is_asked = any(scope.lower() in registry.logs or scope_holds(scope, registry) for scope in scopes)
    return is_asked and bool(_LOGS.search(text)) and not NARROWED.search(text)


def _processing(own: Json, registry: Watched) -> bool:
    """Match rules that add or remove receivers of alerts in their scopes (AlertProcessingRuleProperties.scopes)."""
    return any(scope_holds(scope, registry) for scope in scopes_of(own))


ALERTS_BY_TYPE: Final[dict[str, Callable[[Json, Watched], bool]]] = {
    METRICS: _metric,
    ACTIVITY: _activity_log,
    QUERIES: _query,
    PROCESSING: _processing,
}


def alert_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the rules that watch the source, and their action groups; a rule that covers the target needs no action."""
    source = watched(scene.registry, scene.around)
    target = future_watch(scene)
    for rule in readable_items(scene.around.alerts):
        if not watches(rule, source):
            continue
        tie = f"watches {_place(properties(rule), source)}"
        if watches(rule, target):
            action = f"nothing: it watches {target.name}, too"
            yield entry_of("alert_rule", rule, tie, "Resource Graph", "shared", action)
        else:
            action, shown = f"manual: make the same rule for {target.name}", az("resource show", ids=rule["id"])
            yield entry_of("alert_rule", rule, tie, "Resource Graph", "re-created", action, shown)
        for group in action_groups(properties(rule)):
            told = {"id": group, "name": ResourceId(group).name}
            tie = f"notified by {rule['name']}"
            action = "nothing: the rules of the target notify it"
            yield entry_of("action_group", told, tie, "Resource Graph", "shared", action)


def action_groups(own: Json) -> tuple[str, ...]:
    """Return the ids of a rule's action groups: each type of rule writes them in its own way."""
    actions: Any = own.get("actions") or ()
    listed = actions.get("actionGroups") or () if isinstance(actions, dict) else actions
    ids = [group for one in listed for group in _groups(one)]
    return tuple(one for one in dict.fromkeys(ids) if one)


def _groups(action: Any) -> list[str]:
    """Return the groups of one action: its id, an object with it, or an object with several of a processing rule."""
    if not isinstance(action, dict):
        return [str(action)]
    return [str(action.get("actionGroupId") or ""), *map(str, action.get("actionGroupIds") or ())]


def _place(own: Json, registry: Watched) -> str:
    if _is_scope(own, registry):
        return "the registry"
    if registry.pattern.search("\n".join(queries_of(own))):
        return "the registry in its query"
    around = next((scope for scope in scopes_of(own) if scope_holds(scope, registry)), "")
    region = str(own.get("targetResourceRegion") or "")
    bound = f", in {normalise_location(region)} alone" if region else ""
    return f"registries in {ResourceId(around).scope_name}{bound}" if around else "the registry logs of its workspace"
