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
    before = show(world, existing, resource.api_version) | {"apiVersion": resource.api_version}
    delta = list(_delta(before, {key: value for key, value in after.items() if key not in ("id", "name", "type")}))
    change: JsonObject = {
        "resourceId": existing.id,
        "changeType": "Modify" if delta else "NoChange",
        "before": before,
        "after": after,
    }
    return change | ({"delta": delta} if delta else {})


def _identified(resource: Planned) -> JsonObject:
    name = resource.name.rpartition("/")[2]
    return {"id": resource.id, "name": name, "type": resource.type, "apiVersion": resource.api_version}


def _others(world: "World", checked: Checked, planned: set[str], *, ids_only: bool) -> list[JsonObject]:
    change_type = "Delete" if checked.request.mode == "Complete" else "Ignore"
    scope = checked.request.scope
    return [
        {"resourceId": one.id, "changeType": change_type, **({} if ids_only else {"before": one.view()})}
        for one in in_scope(world, scope)
        if one.id.lower() not in planned and one.location and one.type != TYPE and one.id.lower() != scope.lower()
    ]


def _delta(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[JsonObject]:
    """Yield the properties that the template would change or add. Unmentioned properties are not compared."""
    known = {key.lower(): value for key, value in before.items()}
    for key, value in after.items():
        if key.lower() not in known:
            yield {"path": key, "propertyChangeType": "Create", "before": None, "after": value, "children": None}
        elif (difference := _difference(key, known[key.lower()], value)) is not None:
            yield difference


def _removed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[JsonObject]:
    for key in sorted(set(before) - set(after)):
        yield {"path": key, "propertyChangeType": "Delete", "before": before[key], "after": None, "children": None}


def _difference(path: str, before: Any, after: Any) -> JsonObject | None:
    if path.lower() == "location":
        before, after = (str(value).replace(" ", "").lower() for value in (before, after))
    if before == after:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        # Tags are the one object in which what is left out goes away.
        children = [*_delta(before, after), *(_removed(before, after) if path == "tags" else ())]
        whole: JsonObject = {"path": path, "propertyChangeType": "Modify", "before": None, "after": None}
        return whole | {"children": children} if children else None
    if isinstance(before, list) and isinstance(after, list):
        items = list(_items(before, after))
        return (
            {"path": path, "propertyChangeType": "Array", "before": None, "after": None, "children": items}
            if items
            else None
        )
    return {"path": path, "propertyChangeType": "Modify", "before": before, "after": after, "children": None}


def _items(before: list[Any], after: list[Any]) -> Iterator[JsonObject]:
    for index in range(max(len(before), len(after))):
        if index >= len(after):
            yield {
                "path": str(index),
                "propertyChangeType": "Delete",
                "before": before[index],
                "after": None,
                "children": None,
            }
        elif index >= len(before):
            yield {
                "path": str(index),
                "propertyChangeType": "Create",
                "before": None,
                "after": after[index],
                "children": None,
            }
        elif (difference := _difference(str(index), before[index], after[index])) is not None:
            yield difference
