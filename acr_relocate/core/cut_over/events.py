"""Events: Event Grid topics and subscriptions for the target, each as at the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, Json, Placeholder
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.model import CutOverAction, create_action, ownership_tags
from acr_relocate.core.dependencies.events import TOPIC
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.managed_identities import SYSTEM, identity_kinds
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says

EVENT_GRID: Final = "2022-06-15"
_ADDRESS: Final = "ADDRESS-OF-THE-RECEIVER"
_COMPUTED: Final = frozenset({"topic", "provisioningState", "metricResourceId"})


def event_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the topics, then the subscriptions to them and to the registry."""
    topics = [one for one in readable_items(cut.scene.around.naming) if str(one.get("type") or "").lower() == TOPIC]
    for topic in topics:
        yield _topic(cut, topic)
    for subscription in readable_items(cut.scene.around.event_subscriptions):
        yield _subscription(cut, subscription)


def _topic_id(cut: CutOverContext, name: str) -> str:
    group = ResourceId(cut.request.target_id).group_id
    return f"{group}/providers/Microsoft.EventGrid/systemTopics/{name}-{cut.request.target.name}"


def _topic(cut: CutOverContext, topic: Json) -> CutOverAction:
    """Return the topic of the target. A registry has at most one, and a topic's source cannot be changed."""
    own = {"source": cut.request.target_id, "topicType": "Microsoft.ContainerRegistry.Registries"}
    body = {
        "location": cut.request.target.location,
        "tags": ownership_tags(cut.request, topic.get("tags")),
        "properties": own,
    } | ({"identity": {"type": SYSTEM}} if identity_kinds(topic.get("identity")) == {SYSTEM.lower()} else {})
    path = _topic_id(cut, topic["name"])
    what = f"carry the events of {cut.request.target.name} as {topic['name']} carries those of {cut.source.name}"
    expected = {"properties": own}
    return create_action(
        "event_topic", ResourceId(path).name, what, path, EVENT_GRID, body, expected=expected, about=(str(topic["id"]),)
    )


def _subscription(cut: CutOverContext, subscription: Json) -> CutOverAction:
    """Return the same subscription at the target. The receiver's address is read when it is sent, and never shown."""
    above, _, name = str(subscription["id"]).rpartition("/")
    is_of_topic = f"/{TOPIC}/" in above.lower()
    topic = above.rpartition("/")[0].rpartition("/")[2]
    there = (
        f"{_topic_id(cut, topic)}/eventSubscriptions"
        if is_of_topic
        else f"{cut.request.target_id}/providers/Microsoft.EventGrid/eventSubscriptions"
    )
    own = {key: value for key, value in properties(subscription).items() if key not in _COMPUTED and value is not None}
    destination, fills = own.get("destination") or {}, tuple[Placeholder, ...]()
    if says(destination.get("endpointType"), "WebHook"):
        own["destination"] = _to_receiver(destination)
        full = ArmCall(method="POST", path=f"{subscription['id']}/getFullUrl", api_version=EVENT_GRID)
        fills = (Placeholder(placeholder=_ADDRESS, call=full, fields=("endpointUrl",)),)
    where = ResourceId(str((destination.get("properties") or {}).get("resourceId") or "")).name or "the same receiver"
    return create_action(
        "event_subscription",
        name,
        f"deliver the events of {cut.request.target.name} to {where}",
        f"{there}/{name}",
        EVENT_GRID,
        {"properties": own},
        fills=fills,
        about=(str(subscription["id"]),),
        wave=1,
    )


def _to_receiver(destination: Json) -> Json:
    """Return the destination with a placeholder for its address, of which Azure shows only the beginning."""
    inner = {key: value for key, value in (destination.get("properties") or {}).items() if key != "endpointBaseUrl"}
    return destination | {"properties": inner | {"endpointUrl": _ADDRESS}}
