"""Webhooks: their address and headers go in and are never shown, but by getCallbackConfig."""

import json
from typing import Final

from aiohttp import web

from local_azure.arm.resource_types import Body
from local_azure.registry_types.common import REGISTRY, check_name, compose, registry_of, registry_type, sku_of
from local_azure.registry_types.rules import WEBHOOKS
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.state.world import World
from local_azure.wire.routing import Call

ACTIONS: Final = frozenset({"push", "delete", "quarantine", "chart_push", "chart_delete"})


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a webhook of a registry, in the registry's region or in that of a replica."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9]{5,50}", "Webhook names must contain only 5 to 50 alphanumeric characters.")
    webhook = compose(resource_id, body, existing, {"status": "enabled", "scope": ""})
    webhook.body.setdefault("tags", {})
    _check_body(webhook)
    registry = registry_of(world, resource_id)
    _check_region(world, registry, webhook)
    others = [
        one for one in world.resources.children(registry.id, webhook.type) if one.id.lower() != webhook.id.lower()
    ]
    if len(others) >= WEBHOOKS.get(sku_of(registry), 0):
        limit = WEBHOOKS.get(sku_of(registry), 0)
        message = f"The maximum number of webhooks for the SKU '{sku_of(registry)}' is {limit}."
        raise bad_request("WebhookQuotaExceeded", message)
    return webhook


def _check_body(webhook: Resource) -> None:
    if not webhook.hidden.get("serviceUri"):
        raise bad_request("InvalidWebhook", "The request is invalid: the property 'properties.serviceUri' is required.")
    actions = webhook.properties.get("actions") or []
    if not actions or not {str(one).lower() for one in actions} <= ACTIONS:  # kept as they are spelt
        raise bad_request(
            "InvalidWebhook", f"The actions {actions} are not a selection of {', '.join(sorted(ACTIONS))}."
        )


def _check_region(world: World, registry: Resource, webhook: Resource) -> None:
    replicas = world.resources.children(registry.id, f"{REGISTRY}/replications")
    if webhook.location not in {registry.location, *(one.location for one in replicas)}:
        message = f"The registry {registry.name} could not be found in the location {webhook.location}."
        raise AzureError(404, "RegistryResourceNotFound", message)


async def get_callback_config(call: Call, webhook: Resource) -> web.Response:
    """Answer with the address and the headers."""
    del call
    headers = webhook.hidden.get("customHeaders")
    return answer({"serviceUri": webhook.hidden["serviceUri"], **({"customHeaders": headers} if headers else {})})


async def ping(call: Call, webhook: Resource) -> web.Response:
    """Record an event without sending it."""
    event = {"id": call.request_id, "timestamp": call.world.clock.iso(), "action": "ping"}
    webhook.hidden.setdefault("pings", []).append(event)
    return answer({"id": event["id"]})


async def list_events(call: Call, webhook: Resource) -> web.Response:
    """List the pings: no other event is ever sent. Source: Webhooks - List Events (eventRequestMessage.content)."""
    del call
    pings = webhook.hidden.get("pings", [])
    return answer({"value": [_event(webhook, one) for one in pings]})


def _event(webhook: Resource, ping: Body) -> Body:
    """Return a ping as it was sent, and the answer of a receiver that takes it."""
    sent = {
        "User-Agent": "AzureContainerRegistry/1.0",
        **(webhook.hidden.get("customHeaders") or {}),
        "traceparent": f"00-{str(ping['id']).replace('-', '')}-{str(ping['id'])[:8]}{str(ping['id'])[-8:]}-01",
        "X-Forwarded-For": "true",
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(json.dumps(ping, separators=(",", ":")))),
    }
    request = {"method": "POST", "requestUri": webhook.hidden["serviceUri"], "version": "1.1"}
    answered = {"content": "", "headers": {"Content-Length": "0"}, "reasonPhrase": "OK", "statusCode": "200"}
    return {
        "id": ping["id"],
        "eventRequestMessage": {"content": ping, "headers": sent, **request},
        "eventResponseMessage": answered | {"version": "1.1"},
    }


TYPES: Final = (
    registry_type(
        "registries/webhooks",
        prepare=prepare,
        created_status=200,
        tracked=True,
        actions={"getcallbackconfig": get_callback_config, "ping": ping, "listevents": list_events},
    ),
)
