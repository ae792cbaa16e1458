"""Extensions of any resource: tags at a scope and diagnostic settings."""

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.authorization import authorize_linked
from local_azure.arm.resource_types import ResourceType
from local_azure.state.directory import Principal
from local_azure.state.errors import BareError, bad_request, conflict
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

TAGS = "/{scope:path}/providers/Microsoft.Resources/tags/default"
DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
LINKED = {
    "workspaceId": "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    "storageAccountId": "Microsoft.Storage/storageAccounts/listKeys/action",
    "eventHubAuthorizationRuleId": "Microsoft.EventHub/namespaces/authorizationRules/listkeys/action",
}
"""The action at the sink without which no setting is made: MicrosoftDocs/azure-docs#80159."""
MAX_SETTINGS = 5
MAX_TAGS = 50
GROUPED_SINCE = "2021"
CATEGORIES = {
    "microsoft.containerregistry/registries": ("ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents"),
}


@ROUTES.route("GET", TAGS)
async def get_tags(call: Call) -> web.Response:
    """Answer with the tags of a resource, a group or a subscription."""
    return _tags_answer(call.world.resources.require(call.params.scope))


@ROUTES.route("PUT", TAGS)
async def put_tags(call: Call) -> web.Response:
    """Set exactly these tags."""
    resource = call.world.resources.require(call.params.scope)
    return _store_tags(resource, _asked_tags(await call.json()))


@ROUTES.route("PATCH", TAGS)
async def patch_tags(call: Call) -> web.Response:
    """Merge, replace or delete tags, by `operation`."""
    resource, body = call.world.resources.require(call.params.scope), await call.json()
    asked, operation = _asked_tags(body), str(body.get("operation", "")).lower()
    if operation == "merge":
        return _store_tags(resource, resource.tags | asked)
    if operation == "replace":
        return _store_tags(resource, asked)
    if operation == "delete":
        return _store_tags(resource, {key: value for key, value in resource.tags.items() if asked.get(key) != value})
    message = f"The tags operation '{body.get('operation')}' is not one of Merge, Replace, Delete."
    raise bad_request("InvalidTagsOperation", message, gateway=True)


@ROUTES.route("DELETE", TAGS)
async def delete_tags(call: Call) -> web.Response:
    """Delete all tags."""
    call.world.resources.require(call.params.scope).body["tags"] = {}
    return web.Response(status=200)


def _asked_tags(body: dict[str, Any]) -> dict[str, str]:
    return dict((body.get("properties") or {}).get("tags") or {})


def _store_tags(resource: Resource, tags: dict[str, str]) -> web.Response:
    if len(tags) > MAX_TAGS:
        message = f"The number of tags '{len(tags)}' is beyond the maximum of {MAX_TAGS}."
        raise bad_request("InvalidTags", message, gateway=True)
    resource.body["tags"] = tags
    return _tags_answer(resource)


def _tags_answer(resource: Resource) -> web.Response:
    properties = {"tags": resource.tags}
    kind = "Microsoft.Resources/tags"
    path = f"{resource.id}/providers/{kind}/default"
    return answer({"id": path, "name": "default", "type": kind, "properties": properties})


def prepare_diagnostics(
    world: "World", principal: Principal, resource_id: str, body: dict[str, Any], existing: Resource | None
) -> Resource:
    """Check a diagnostic setting: with sinks that the caller may use, in the resource's region, five at most."""
    asked = dict(body.get("properties") or {})
    if not any(asked.get(sink) for sink in SINKS):
        raise BareError(400, "BadRequest", "At least one data sink needs to be specified.")
    for sink, action in LINKED.items():
        if asked.get(sink):
            authorize_linked(world, principal, f"{DIAGNOSTICS}/write", resource_id, (action, str(asked[sink])))
    target = world.resources.require(parse_id(resource_id).parent)
    _check_region(world, target, asked)
    siblings = world.resources.children(target.id, DIAGNOSTICS)
    if existing is None and len(siblings) >= MAX_SETTINGS:
        raise conflict("Conflict", f"The limit of {MAX_SETTINGS} diagnostic settings was reached.")
    nothing = dict.fromkeys(
        ("storageAccountId", "serviceBusRuleId", "workspaceId", "eventHubAuthorizationRuleId", "eventHubName",
         "logAnalyticsDestinationType")
    )  # fmt: skip
    given = {key: value for key, value in asked.items() if key != "marketplacePartnerId" or value}
    properties = nothing | {"metrics": [], "logs": []} | given
    return Resource(
        resource_id, {"location": None, "kind": None, "tags": None, "identity": None, "properties": properties}
    )


def answer_diagnostics(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return what a PUT answers: every metric with its grain."""
    shown = show_diagnostics(resource, api_version, world)
    if "metrics" not in shown["properties"]:
        return shown
    metrics = [{"timeGrain": "PT1M"} | one for one in shown["properties"]["metrics"]]
    return shown | {"properties": shown["properties"] | {"metrics": metrics}}


def show_diagnostics(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return a setting as Azure Monitor writes it: its id in small letters, nulls and retention filled in."""
    del api_version, world
    if resource.parent.count("/") == 2:
        return _show_subscription_setting(resource)
    above, _, named = resource.parent.rpartition("/")
    path = f"{above.lower()}/{named}/providers/microsoft.insights/diagnosticSettings/{resource.name}"
    kept = {"retentionPolicy": {"enabled": False, "days": 0}}
    properties = resource.properties | {
        "metrics": [kept | one for one in resource.properties.get("metrics") or ()],
        "logs": [{"categoryGroup": None} | kept | one for one in resource.properties.get("logs") or ()],
    }
    return resource.view() | {"id": path, "properties": properties}


def _show_subscription_setting(resource: Resource) -> dict[str, Any]:
    """Return a setting of the activity log: where it goes, its categories, and nothing else."""
    path = f"{resource.parent.strip('/')}/providers/microsoft.insights/diagnosticSettings/{resource.name}"
    given = {key: one for key, one in resource.properties.items() if one not in (None, [])}
    given["logs"] = [{"categoryGroup": None} | one for one in given.get("logs", ())]
    kept = {key: resource.view()[key] for key in ("type", "name")}
    return kept | {"id": path, "location": "global", "properties": given}


def _check_region(world: "World", target: Resource, asked: dict[str, Any]) -> None:
    for sink in ("storageAccountId", "eventHubAuthorizationRuleId"):
        path = str(asked.get(sink) or "").partition("/authorizationRules/")[0].partition("/authorizationrules/")[0]
        found = world.resources.get(path) if path else None
        if found is not None and target.location and found.location != target.location:
            raise BareError(
                400,
                "BadRequest",
                f"Resource '{target.id}' is in region '{target.location}' and resource '{found.id}' is in region "
                f"'{found.location}': they must be in the same region.",
            )


_CATEGORIES = "/{scope:path}/providers/Microsoft.Insights/diagnosticSettingsCategories"


@ROUTES.route("GET", _CATEGORIES)
async def list_categories(call: Call) -> web.Response:
    """List the categories that can be logged for a resource."""
    return answer({"value": _categories(call)})


@ROUTES.route("GET", f"{_CATEGORIES}/{{category}}")
async def get_category(call: Call) -> web.Response:
    """Answer with one category."""
    for one in _categories(call):
        if one["name"].lower() == call.params.category.lower():
            return answer(one)
    raise BareError(404, "NotFound", f"Diagnostic settings category '{call.params.category}' was not found.")


def _categories(call: Call) -> list[dict[str, Any]]:
    """Return the categories; older api-versions do not group them and show nulls."""
    target = call.world.resources.require(call.params.scope)
    names = [*((name, "Logs") for name in CATEGORIES.get(target.type.lower(), ())), ("AllMetrics", "Metrics")]
    above, _, named = target.id.rpartition("/")
    return [_category(f"{above.lower()}/{named}", name, kind, call.api_version) for name, kind in names]


def _category(target: str, name: str, kind: str, api_version: str) -> dict[str, Any]:
    grouped = api_version >= GROUPED_SINCE
    groups = {"categoryGroups": ["allLogs", "audit"] if kind == "Logs" else []} if grouped else {}
    shown = {
        "id": f"{target}/providers/microsoft.insights/diagnosticSettingsCategories/{name}",
        "type": "microsoft.insights/diagnosticSettingsCategories",
        "name": name,
        "properties": {"categoryType": kind, **groups},
    }
    return shown if grouped else dict.fromkeys(("location", "kind", "tags", "identity")) | shown


@ROUTES.route("GET", "/providers/Microsoft.Insights/eventcategories")
async def list_event_categories(call: Call) -> web.Response:
    """List the categories of the activity log."""
    del call
    words = ("Administrative", "Security", "Service Health", "Alert", "Recommendation", "Policy", "Autoscale",
             "Resource Health")  # fmt: skip
    return answer({"value": [{"value": one.replace(" ", ""), "localizedValue": one} for one in words]})


TYPES: Final = (
    ResourceType(
        DIAGNOSTICS,
        ("2021-05-01-preview", "2017-05-01-preview"),
        prepare=prepare_diagnostics,
        view=show_diagnostics,
        answered=answer_diagnostics,
        created_status=200,
    ),
)
