"""The destinations of the registry's logs and events: diagnostic settings with their sinks, Event Grid, webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.resource_ids import ResourceId

# Sink -> whether it has to be in the resource's region (azure-monitor, diagnostic-settings).
SINKS: Final = {
    "workspaceId": False,
    "storageAccountId": True,
    "eventHubAuthorizationRuleId": True,
    "marketplacePartnerId": False,
}
OPTIONS: Final = {
    "workspaceId": "workspace",
    "storageAccountId": "storage_account",
    "eventHubAuthorizationRuleId": "event_hub_rule",
    "marketplacePartnerId": "marketplace_partner_id",
}
TOPIC: Final = "microsoft.eventgrid/systemtopics"


def event_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the destinations of logs, metrics and events."""
    for setting in readable_items(scene.around.diagnostic_settings):
        yield _setting(scene, setting)
        yield from _sinks(scene, setting)
    for entry in readable_items(scene.around.naming):
        if str(entry.get("type") or "").lower() == TOPIC:
            yield _topic(scene, entry)
    for subscription in readable_items(scene.around.event_subscriptions):
        yield _subscription(scene, subscription)


def _setting(scene: MapContext, setting: Json) -> Dependency:
    own = properties(setting)
    sinks = {key: str(own[key]) for key in SINKS if own.get(key)}
    tie = f"sends {_categories(own)} to {', '.join(sink_name(sink) for sink in sinks.values()) or 'nowhere'}"
    if scene.carried_of("diagnosticSettings", setting["id"]):
        action = "the deployment makes the same setting at the target; delete this one before the source"
        return entry_of("diagnostic_setting", setting, tie, "Resource Manager", "re-created", action)
    options = {OPTIONS[key]: _sink_for_target(scene, key, sink) for key, sink in sinks.items()}
    return entry_of(
        "diagnostic_setting",
        setting,
        tie,
        "Resource Manager",
        "re-created",
        "manual: make the same setting at the target; delete it at the source before the source",
        az(
            "monitor diagnostic-settings create",
            name=setting["name"],
            resource=scene.target_id,
            **options,
            logs=json.dumps(_enabled(own, "logs")),
            metrics=json.dumps(_enabled(own, "metrics")),
        ),
    )


def _sinks(scene: MapContext, setting: Json) -> Iterator[Dependency]:
    made = scene.carried_of("diagnosticSettings", setting["id"])
    for key, regional in SINKS.items():
        sink = str(properties(setting).get(key) or "")
        if not sink:
            continue
        resource = sink.partition("/authorizationRules/")[0]
        shown = {"id": resource, "name": sink_name(sink), "location": scene.place(resource)}
        tie = f"receives the logs of {setting['name']}"
        there = str(made.properties.get(key) or "") if made else ""
        if there and there.lower() != sink.lower():
            action = f"the deployment names {sink_name(there)} instead"
            yield entry_of("log_sink", shown, tie, "Resource Manager", "re-wired", action)
        elif regional and not _is_in_target_region(scene, resource):
            yield entry_of(
                "log_sink",
                shown,
                tie,
                "Resource Manager",
                "manual",
                f"manual: it has to be in the registry's region, so {scene.request.target.location} needs one",
                f"# make a {sink_type(resource)} in {scene.request.target.location}, and name it in the new setting",
            )
        else:
            action = "nothing: it takes logs from both regions"
            yield entry_of("log_sink", shown, tie, "Resource Manager", "shared", action)


def _topic(scene: MapContext, topic: Json) -> Dependency:
    return entry_of(
        "event_topic",
        topic,
        "carries the registry's events",
        "Resource Graph",
        "re-created",
        "manual: a system topic belongs to one source, which cannot be changed",
        az(
            "eventgrid system-topic create",
            name=f"{topic['name']}-{scene.request.target.location}",
            resource_group=scene.request.target.resource_group,
            location=scene.request.target.location,
            topic_type="Microsoft.ContainerRegistry.Registries",
            source=scene.target_id,
            **scene.there,
        ),
    )


def _subscription(scene: MapContext, subscription: Json) -> Dependency:
    destination = properties(subscription).get("destination") or {}
    resource = (destination.get("properties") or {}).get("resourceId")
    kind = str(destination.get("endpointType") or "a destination")
    where = ResourceId(resource).name if resource else "an address that is not shown here"
    queue = (destination.get("properties") or {}).get("queueName")
    endpoint = f"{resource}/queueServices/default/queues/{queue}" if queue else resource
    included = (properties(subscription).get("filter") or {}).get("includedEventTypes")
    return entry_of(
        "event_subscription",
        {"id": subscription["id"], "name": subscription["name"]},
        f"delivers events to {kind}: {where}",
        "Resource Manager",
        "re-created",
        "manual: subscribe at the target with the same filter",
        az(
            "eventgrid event-subscription create",
            name=subscription["name"],
            source_resource_id=scene.target_id,
            endpoint_type=kind.lower(),
            endpoint=endpoint or "ADDRESS-OF-THE-RECEIVER",
            included_event_types=included or None,
        ),
    )


def sink_name(sink: str) -> str:
    """Return the name of the workspace, account or namespace in a sink's id."""
    return ResourceId(sink.partition("/authorizationRules/")[0]).name


def sink_type(resource_id: str) -> str:
    """Return the type of a resource, such as `Microsoft.Storage/storageAccounts`."""
    parts = resource_id.split("/")
    return "/".join(parts[6:8]) if len(parts) > 7 else "sink"


def _is_in_target_region(scene: MapContext, resource: str) -> bool:
    return scene.place(resource) == scene.request.target.location


def _sink_for_target(scene: MapContext, key: str, sink: str) -> str:
    resource = sink.partition("/authorizationRules/")[0]
    fits = not SINKS[key] or _is_in_target_region(scene, resource)
    return sink if fits else f"RESOURCE-ID-OF-ONE-IN-{scene.request.target.location.upper()}"


def _enabled(own: Json, key: str) -> list[Json]:
    return [entry for entry in own.get(key) or () if entry.get("enabled")]


def _categories(own: Json) -> str:
    named = [
        entry.get("category") or entry.get("categoryGroup")
        for key in ("logs", "metrics")
        for entry in _enabled(own, key)
    ]
    return ", ".join(filter(None, named)) or "nothing"
