"""Predict the changes of a deployment without making any."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from local_azure.arm.resource_pipeline import show
from local_azure.deployments.preflight import Checked, known_body
from local_azure.deployments.request import TYPE, in_scope
from local_azure.state.errors import JsonObject
from local_azure.template import Planned

if TYPE_CHECKING:
    from local_azure.state.world import World


def changes(world: "World", checked: Checked, *, ids_only: bool = False) -> list[JsonObject]:
    """Return one change per resource of the template, and one per other resource of the group."""
    planned = [resource for resource in checked.all_resources if not resource.is_deployment]
    found = [_change(world, resource, ids_only=ids_only) for resource in planned]
    found += _others(world, checked, {resource.key for resource in planned}, ids_only=ids_only)
    return sorted(found, key=lambda change: str(change["resourceId"]).lower())


def _change(world: "World", resource: Planned, *, ids_only: bool) -> JsonObject:
    existing = world.resources.get(resource.id)
    body = known_body(resource)
    if ids_only and existing is None:
        return {"resourceId": resource.id, "changeType": "Create"}
    if ids_only or (body is None and existing is not None):
        return {"resourceId": resource.id, "changeType": "Deploy"}
    after = _identified(resource) | (body or {})
    if existing is None:
        return {"resourceId": resource.id, "changeType": "Create", "after": after}
    before = _settable(show(world, existing, resource.api_version)) | {"apiVersion": resource.api_version}
    delta = list(_delta(before, {key: value for key, value in after.items() if key not in ("id", "name", "type")}))
    change: JsonObject = {
        "resourceId": existing.id,
        "changeType": "Modify" if delta else "NoChange",
        "before": before,
        "after": after,
    }
    return change | ({"delta": delta} if delta else {})


def _settable(view: JsonObject) -> JsonObject:
    """Return a resource without its state, which no template sets."""
    state = "provisioningState"
    return view | {"properties": {key: one for key, one in view.get("properties", {}).items() if key != state}}


def _identified(resource: Planned) -> JsonObject:
    name = resource.name.rpartition("/")[2]
    return {"id": resource.id, "name": name, "type": resource.type, "apiVersion": resource.api_version}


def _others(world: "World", checked: Checked, planned: set[str], *, ids_only: bool) -> list[JsonObject]:
    change_type = "Delete" if checked.request.mode == "Complete" else "Ignore"
    scope = checked.request.scope
    return [
        {"resourceId": one.id, "changeType": change_type, **({} if ids_only else {"before": _settable(one.view())})}
        for one in in_scope(world, scope)
        if one.id.lower() not in planned and one.location and one.type != TYPE and one.id.lower() != scope.lower()
    ]


def _delta(before: Mapping[str, Any], after: Mapping[str, Any], above: str = "") -> Iterator[JsonObject]:
    """Yield the properties that the template would change or add. Unmentioned properties are not compared."""
    known = {key.lower(): value for key, value in before.items()}
    for key, value in after.items():
        path = f"{above}{key}"
        if key.lower() not in known:
            yield {"path": path, "propertyChangeType": "Create", "after": value}
        else:
            yield from _difference(path, known[key.lower()], value)
    if above == "tags.":  # the one object in which what is left out goes away
        for key in sorted(set(before) - set(after)):
            yield {"path": f"{above}{key}", "propertyChangeType": "Delete", "before": before[key]}


def _difference(path: str, before: Any, after: Any) -> Iterator[JsonObject]:
    if path.lower() == "location":
        before, after = (str(value).replace(" ", "").lower() for value in (before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _delta(before, after, f"{path}.")
    elif isinstance(before, list) and isinstance(after, list):
        if items := list(_items(before, after)):
            yield {"path": path, "propertyChangeType": "Array", "children": items}
    elif before != after:
        yield {"path": path, "propertyChangeType": "Modify", "before": before, "after": after}


def _items(before: list[Any], after: list[Any]) -> Iterator[JsonObject]:
    """Yield the changes of a list by position; an entry that is no object is taken away, and another added."""
    for index in range(max(len(before), len(after))):
        old, new = before[index : index + 1], after[index : index + 1]
        if old == new:
            continue
        if old and new and isinstance(old[0], dict) and isinstance(new[0], dict):
            if changed := list(_delta(old[0], new[0])):
                yield {"path": str(index), "propertyChangeType": "Modify", "children": changed}
            continue
        yield from ({"path": str(index), "propertyChangeType": "Delete", "before": one} for one in old)
        yield from ({"path": str(index), "propertyChangeType": "Create", "after": one} for one in new)
