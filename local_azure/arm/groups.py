"""Resource groups and the list of what is in a subscription or a group."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from local_azure.arm.authorization import note_shown, readable
from local_azure.arm.jobs import job, results_path
from local_azure.arm.limits import check_body
from local_azure.arm.resource_pipeline import merged, remove
from local_azure.arm.resource_types import missing_version
from local_azure.arm.system_data import system_data
from local_azure.state.errors import bad_request, conflict, group_not_found
from local_azure.state.locations import is_location
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import GROUP_TYPE, Resource, parse_id
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")
TERM = re.compile(
    r"""\s*(?:(\w+)\s+(eq|ne)\s+'((?:[^']|'')*)'|startswith\((\w+),\s*'((?:[^']|'')*)'\))\s*""", re.IGNORECASE
)
AUTHORS_SINCE = "2020-10"  # the api-versions that tell who made a resource
UNTYPED_SINCE = "2022"  # the api-versions whose 404 without a body has no content type
DETAILS = ("managedBy", "tags")
Test = Callable[[Resource], bool]


@ROUTES.route("PUT", GROUP)
async def put_group(call: Call) -> web.Response:
    """Create or update a group: 201 if new, 200 if it existed."""
    _need_version(call)
    name, body = call.params.group, await call.json()
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not NAME.fullmatch(name):
        raise bad_request(
            "InvalidResourceGroup", f"The provided resource group name '{name}' is not valid.", gateway=True
        )
    if not location:
        raise bad_request("LocationRequired", "The location property is required for this definition.", gateway=True)
    if not is_location(location) or location == "global":
        message = f"The provided location '{location}' is not available for resource group."
        raise bad_request("LocationNotAvailableForResourceGroup", message, gateway=True)
    existing = call.world.resources.get(_group_id(call))
    check_body(_group_id(call), body, is_new=existing is None)
    if existing is not None and existing.location != location:
        raise conflict(
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{existing.location}'.",
            gateway=True,
        )
    if existing is None:
        created = call.world.add_group(name, location, call.params.subscription)
        created.created = call.world.clock.now()
        _set_details(created, body)
        return answer(_view(created), 201)
    _set_details(existing, body)
    return answer(_view(existing))


def _set_details(group: Resource, body: dict[str, Any]) -> None:
    """Set the tags and the manager; a group without omits them, unless an empty object was sent."""
    group.body = {key: one for key, one in group.body.items() if key not in DETAILS}
    group.body |= {key: body[key] for key in DETAILS if body.get(key) is not None}


@ROUTES.route("GET", GROUP)
async def get_group(call: Call) -> web.Response:
    """Answer with one group."""
    _need_version(call)
    return answer(_view(_require(call)))


@ROUTES.route("HEAD", GROUP)
async def has_group(call: Call) -> web.Response:
    """Answer 204 if the group exists, 404 if not."""
    _need_version(call)
    if call.world.resources.get(_group_id(call)):
        return web.Response(status=204)
    typed = {"Content-Type": "application/json; charset=utf-8"} if call.api_version < UNTYPED_SINCE else {}
    return web.Response(status=404, headers=typed | group_not_found(call.params.group).headers)


@ROUTES.route("PATCH", GROUP)
async def patch_group(call: Call) -> web.Response:
    """Replace the tags of a group."""
    _need_version(call)
    group = _require(call)
    group.body = merged(group.body, {key: value for key, value in (await call.json()).items() if key in DETAILS})
    return answer(_view(group))


@ROUTES.route("DELETE", GROUP)
async def delete_group(call: Call) -> web.Response:
    """Delete a group with everything in it, when the operation is done."""
    _need_version(call)
    group = _require(call)
    group.properties["provisioningState"] = "Deleting"

    async def work() -> None:
        await remove(call.world, group)

    id_ = job("RESOURCEGROUPDELETIONJOB-", group.name, group.location)
    form = Form(results_path(call), id=id_, pending=None, wait=15, poll_wait=15)
    return await call.world.operations.start(call, work, form, seconds=15)


@ROUTES.route("GET", "/subscriptions/{subscription}/resourceGroups")
async def list_groups(call: Call) -> web.Response:
    """List the groups of a subscription, by tag if asked."""
    _need_version(call)
    test = parse_filter(call.query.get("$filter", ""))
    found = readable(call.world, call.caller, call.world.groups(call.params.subscription))
    return answer({"value": _top(call, [_view(one) for one in found if test(one)])})


@ROUTES.route("GET", "/subscriptions/{subscription}/resources")
async def list_resources(call: Call) -> web.Response:
    """List the top-level resources of a subscription that match the filter."""
    return _listing(call, call.world.resources.select(subscription=call.params.subscription))


@ROUTES.route("GET", GROUP + "/resources")
async def list_group_resources(call: Call) -> web.Response:
    """List the top-level resources of a group that match the filter."""
    _require(call)
    return _listing(call, call.world.resources.select(subscription=call.params.subscription, group=call.params.group))


def _listing(call: Call, candidates: Iterable[Resource]) -> web.Response:
    _need_version(call)
    test = parse_filter(call.query.get("$filter", ""))
    expand = call.query.get("$expand", "").lower()
    found = readable(call.world, call.caller, (one for one in candidates if _is_listed(one) and test(one)))
    note_shown(call.world, (one.id for one in found))
    return answer({"value": _top(call, [_generic_view(call, one, expand) for one in found])})


def _is_listed(one: Resource) -> bool:
    """Return whether ARM lists it: tracked resources with a location, children included, no groups or extensions."""
    return one.type.lower() != GROUP_TYPE.lower() and bool(one.location) and bool(one.group)


def _generic_view(call: Call, one: Resource, expand: str) -> dict[str, Any]:
    shown = ("location", "tags", "sku", "kind", "identity", "managedBy", "zones")
    view = {"id": one.id, "name": _path_name(one), "type": one.type} | {
        key: one.body[key] for key in shown if key in one.body
    }
    # Those providers tell it that say it themselves.
    if one.type.startswith("Microsoft.ContainerRegistry/") and call.api_version >= AUTHORS_SINCE:
        view["systemData"] = system_data(call.world, one, offset=False)
    if "createdtime" in expand:
        view |= {"createdTime": call.world.clock.iso(one.created), "changedTime": call.world.clock.iso(one.created)}
    if "provisioningstate" in expand:
        view["provisioningState"] = one.properties.get("provisioningState", "Succeeded")
    return view


def _path_name(one: Resource) -> str:
    """Return `registry/webhook` for a child, as generic listings name it."""
    names = [one.name]
    parent = one.parent
    for _ in range(one.type.count("/") - 1):
        above = parse_id(parent)
        names.insert(0, above.name)
        parent = above.parent
    return "/".join(names)


def parse_filter(text: str) -> Test:
    """Return the test for an OData `$filter` of ARM; AzureError 400 for an unsupported one."""
    terms = [_term(text, part) for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE)] if text.strip() else []
    tag = {name: value for name, _, value in terms if name in ("tagname", "tagvalue")}
    tests = [_test(name, operator, value) for name, operator, value in terms if name not in tag]
    if tag:
        tests.append(lambda one: _has_tag(one, tag.get("tagname", ""), tag.get("tagvalue")))
    return lambda one: all(test(one) for test in tests)


def _term(text: str, part: str) -> tuple[str, str, str]:
    match = TERM.fullmatch(part)
    if match is None:
        raise bad_request(
            "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.", gateway=True
        )
    name, operator, value, prefixed, prefix = match.groups()
    field, wanted = (name, value) if name else (prefixed, prefix)
    return field.lower(), (operator or "startswith").lower(), wanted.replace("''", "'").lower()


def _test(name: str, operator: str, wanted: str) -> Test:
    fields: dict[str, Callable[[Resource], str]] = {
        "resourcetype": lambda one: one.type,
        "name": lambda one: one.name,
        "location": lambda one: one.location,
        "resourcegroup": lambda one: one.group,
    }
    if name not in fields:
        raise bad_request("InvalidFilterInQueryString", f"Unsupported field '{name}' in $filter.", gateway=True)
    field = fields[name]
    if operator == "ne":
        return lambda one: field(one).lower() != wanted
    if operator == "startswith":
        return lambda one: field(one).lower().startswith(wanted)
    return lambda one: field(one).lower() == wanted


def _has_tag(one: Resource, name: str, value: str | None) -> bool:
    return any(key.lower() == name and value in (None, str(held).lower()) for key, held in one.tags.items())


def _top(call: Call, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    top = call.query.get("$top", "")
    return found[: int(top)] if top.isdigit() else found


def _group_id(call: Call) -> str:
    return f"/subscriptions/{call.params.subscription}/resourceGroups/{call.params.group}"


def _require(call: Call) -> Resource:
    found = call.world.resources.get(_group_id(call))
    if found is None:
        raise group_not_found(call.params.group)
    return found


def _view(group: Resource) -> dict[str, Any]:
    return {**group.view(), "type": GROUP_TYPE}


def _need_version(call: Call) -> None:
    if not call.api_version:
        raise missing_version()
