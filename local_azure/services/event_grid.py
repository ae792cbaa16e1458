"""Event Grid: system topics, and subscriptions, which do not tell the address of a receiver.

Source: Event Grid REST API 2022-06-15, Event Subscriptions (a WebHook's `endpointUrl` is shown by Get Full
Url alone, `endpointBaseUrl` by all others); recorded exchanges. Nothing is ever delivered, and no receiver is asked to
validate itself.
"""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from local_azure.arm.operation_forms import EVENT_GRID
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.services.composing import compose, identify_principal
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

NAMESPACE: Final = "Microsoft.EventGrid"
EVENTS: Final = {  # by the type of the source; other types have none of their own
    "microsoft.containerregistry/registries": tuple(
        f"Microsoft.ContainerRegistry.{name}" for name in ("ImagePushed", "ImageDeleted", "ChartPushed", "ChartDeleted")
    ),
    "microsoft.storage/storageaccounts": ("Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"),
    "": tuple(  # a group or a subscription
        f"Microsoft.Resources.Resource{what}{end}"
        for what in ("Write", "Delete", "Action")
        for end in ("Success", "Failure", "Cancel")
    ),
}
AUTHORS_SINCE: Final = "2020-10"  # the api-versions that have `systemData`, always null
BATCHES_SINCE: Final = "2020"  # the api-versions that tell the schema and the batches of a delivery
UNIDENTIFIED: Final = {"principalId": None, "tenantId": None, "userAssignedIdentities": None}
FILLED_IN: Final[Body] = {
    "labels": None,
    "eventDeliverySchema": "EventGridSchema",
    "retryPolicy": {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440},
}
BATCHES: Final = {"maxEventsPerBatch": 1, "preferredBatchSizeInKilobytes": 64}


def prepare_topic(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return a topic of a source, with a resource of its own for metrics."""
    del principal
    topic = compose(resource_id, body, existing)
    topic.properties["metricResourceId"] = topic.hidden.setdefault("metricResourceId", world.guid())
    return topic


def show_topic(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a topic, with an explicit null for unset properties (systemTopic.get)."""
    del world
    identity = resource.body.get("identity")
    identified = {"identity": UNIDENTIFIED | identity} if identity else {}
    return resource.view() | _authors(api_version) | identified | {"tags": resource.tags or None}


def _authors(api_version: str) -> Body:
    return {"systemData": None} if api_version >= AUTHORS_SINCE else {}


def topic_at_once(world: "World", method: str, api_version: str, topic: Resource) -> bool:
    """Return whether a request takes no time: a topic without an identity is there at once."""
    del world, api_version
    return method != "DELETE" and not topic.body.get("identity")


def prepare_subscription(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return a subscription with a destination; the address of a receiver is kept apart."""
    del world, principal
    subscription = compose(resource_id, body, existing)
    destination = dict(subscription.properties.get("destination") or {})
    inner = dict(destination.get("properties") or {})
    if destination.get("endpointType") == "WebHook":
        address = inner.pop("endpointUrl", None) or subscription.hidden.get("endpointUrl", "")
        if not str(address).startswith("https://"):
            raise bad_request("Url validation", "The attempt to validate the provided endpoint failed: no https URL.")
        subscription.hidden["endpointUrl"] = address
        parts = urlsplit(address)
        inner["endpointBaseUrl"] = f"{parts.scheme}://{parts.netloc}{parts.path}"
    subscription.properties["destination"] = destination | {"properties": inner}
    return subscription


def patch_subscription(world: "World", principal: Principal, existing: Resource, body: Body) -> Resource:
    """Merge what a PATCH sends, which is not beneath `properties`, unlike that of a PUT."""
    sent = dict(body.get("properties") or {}) | {key: one for key, one in body.items() if key != "properties"}
    whole = existing.body | {"properties": existing.properties | sent}
    return prepare_subscription(world, principal, existing.id, whole, existing)


def show_subscription(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a subscription with Azure's defaults, and nulls for hidden properties."""
    older = api_version < BATCHES_SINCE
    topic = _topic(world, resource)
    filled_in = {key: one for key, one in FILLED_IN.items() if key != "eventDeliverySchema" or not older}
    properties = filled_in | {"topic": topic} | resource.properties
    destination: dict[str, Any] = dict(properties.get("destination") or {})
    if destination.get("endpointType") == "WebHook":
        inner = ({} if older else BATCHES) | (destination.get("properties") or {}) | {"endpointUrl": None}
        properties["destination"] = destination | {"properties": inner}
    given = {key: value for key, value in (properties.get("filter") or {}).items() if value is not None}
    if not given.get("isSubjectCaseSensitive"):
        given.pop("isSubjectCaseSensitive", None)
    _, provided, inside = topic.lower().rpartition("/providers/")
    known = EVENTS.get(inside.rpartition("/")[0] if provided else "", ())
    filled = {"subjectBeginsWith": "", "subjectEndsWith": ""} | ({"includedEventTypes": list(known)} if known else {})
    properties["filter"] = filled | given
    return resource.view() | _authors(api_version) | {"properties": properties}


def answer_subscription(resource: Resource, api_version: str, world: "World") -> Body:
    """Return what a PUT or PATCH answers: a new one's defaults are filled in later."""
    shown = show_subscription(resource, api_version, world)
    if resource.properties.get("provisioningState") != "Creating":
        return shown
    given, destination = resource.properties, shown["properties"]["destination"]
    later = {} if "eventDeliverySchema" in given else {"eventDeliverySchema": None}
    properties = {key: one for key, one in shown["properties"].items() if key not in later}
    subjects = {key: one for key, one in properties["filter"].items() if one != ""}
    if destination.get("endpointType") == "WebHook":
        inner = {key: one for key, one in destination["properties"].items() if key not in BATCHES}
        properties["destination"] = destination | {"properties": inner | (given["destination"]["properties"])}
        properties["destination"]["properties"]["endpointUrl"] = None
    return shown | {"properties": properties | {"filter": subjects}}


def _topic(world: "World", resource: Resource) -> str:
    above = world.resources.get(resource.parent)
    return str(above.properties.get("source") or above.id) if above else resource.parent


async def full_url(call: Call, subscription: Resource) -> web.Response:
    """Answer with the whole address of the receiver."""
    del call
    return answer({"endpointUrl": subscription.hidden.get("endpointUrl")})


TYPES: Final = (
    ResourceType(
        f"{NAMESPACE}/systemTopics",
        prepare=prepare_topic,
        view=show_topic,
        accepted=identify_principal,
        tracked=True,
        created_status=200,
        create_seconds=5,
        update_seconds=5,
        delete_seconds=3,
        at_once=topic_at_once,
        forms=EVENT_GRID,
    ),
    *(
        ResourceType(
            f"{NAMESPACE}/{parent}eventSubscriptions",
            prepare=prepare_subscription,
            patch=patch_subscription,
            view=show_subscription,
            answered=answer_subscription,
            create_seconds=5,
            update_seconds=5,
            delete_seconds=3,
            forms=EVENT_GRID,
            actions={"getfullurl": full_url},
        )
        for parent in ("", "systemTopics/")
    ),
)
