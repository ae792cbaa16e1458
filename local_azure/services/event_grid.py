"""Event Grid subscriptions, which do not tell the address of a receiver.

Source: Event Grid REST API 2022-06-15, Event Subscriptions (a WebHook's `endpointUrl` is shown by Get Full
Url alone, `endpointBaseUrl` by all others). Nothing is ever delivered, and no receiver is asked to validate itself.
"""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

from local_azure.arm.resource_pipeline import Body, ResourceType, register
from local_azure.services.clusters import compose
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

NAMESPACE: Final = "Microsoft.EventGrid"


def prepare_subscription(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A subscription with a destination; the address of a receiver is kept apart."""
    del world, principal
    subscription = compose(resource_id, body, existing)
    destination = dict(subscription.properties.get("destination") or {})
    inner = dict(destination.get("properties") or {})
    if destination.get("endpointType") == "WebHook":
        address = inner.pop("endpointUrl", "") or subscription.hidden.get("endpointUrl", "")
        if not str(address).startswith("https://"):
            raise bad_request("Url validation", "The attempt to validate the provided endpoint failed: no https URL.")
        subscription.hidden["endpointUrl"] = address
        parts = urlsplit(address)
        inner["endpointBaseUrl"] = f"{parts.scheme}://{parts.netloc}{parts.path}"
    subscription.properties["destination"] = destination | {"properties": inner}
    return subscription


async def full_url(call: Call, subscription: Resource) -> web.Response:
    """The whole address of the receiver."""
    del call
    return answer({"endpointUrl": subscription.hidden.get("endpointUrl")})


for _parent in ("", "systemTopics/"):
    register(
        ResourceType(
            f"{NAMESPACE}/{_parent}eventSubscriptions",
            prepare=prepare_subscription,
            actions={"getfullurl": full_url},
        )
    )
