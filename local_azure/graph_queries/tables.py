"""The tables of Resource Graph, made of what the caller may read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from local_azure.arm.authorization import ASSIGNMENT_TYPE, readable
from local_azure.arm.resource_pipeline import show
from local_azure.arm.resource_types import type_of
from local_azure.graph_queries.values import Row, UnsupportedQuery
from local_azure.state.directory import Principal
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import GROUP_TYPE, SUBSCRIPTION_TYPE, Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

CONTAINER_TYPES = {
    GROUP_TYPE: "microsoft.resources/subscriptions/resourcegroups",
    SUBSCRIPTION_TYPE: "microsoft.resources/subscriptions",
}
POLICY_TYPES = frozenset({"microsoft.authorization/policyassignments", "microsoft.authorization/policydefinitions"})
# What is inside others and has a location, as the page of tables lists it (supported-tables-resources).
NESTED = frozenset(
    {
        "microsoft.containerregistry/registries/replications",
        "microsoft.containerregistry/registries/tasks",
        "microsoft.containerregistry/registries/webhooks",
        "microsoft.web/sites/slots",
    }
)
KEPT = ("kind", "managedBy", "sku", "plan", "tags", "identity", "zones", "extendedLocation")


def rows_of(world: "World", principal: Principal, table: str, subscriptions: list[str]) -> list[Row]:
    """Return the rows of a table in some subscriptions (default: all). Raises UnsupportedQuery for an unknown table."""
    tables: dict[str, Callable[[Resource], bool]] = {
        "resources": _top_level,
        "resourcecontainers": lambda one: one.type in CONTAINER_TYPES,
        "authorizationresources": lambda one: one.type.lower() == ASSIGNMENT_TYPE.lower(),
        "kubernetesconfigurationresources": lambda one: one.type.lower().startswith(
            "microsoft.kubernetesconfiguration/"
        ),
        "policyresources": lambda one: one.type.lower() in POLICY_TYPES,
    }
    if table not in tables:
        raise UnsupportedQuery(f"the table '{table}' is not supported")
    wanted = {one.lower() for one in subscriptions}
    found = (one for one in world.resources if tables[table](one))
    return [
        _row(world, one)
        for one in readable(world, principal, found)
        if not wanted or one.subscription.lower() in wanted
    ]


def _top_level(resource: Resource) -> bool:
    """Return whether the first table holds it: a resource with a location, not an extension, and seldom a child."""
    within = resource.type.count("/") > 1 and resource.type.lower() not in NESTED
    inside = resource.id.lower().count("/providers/") > 1 or within
    return bool(resource.location) and not inside and resource.type not in CONTAINER_TYPES


def _row(world: "World", resource: Resource) -> Row:
    kind = type_of(resource.type)
    stable = [version for version in kind.api_versions if not version.endswith("-preview")]
    view = show(world, resource, max(stable or kind.api_versions, default=""))
    row: Row = {
        "id": resource.id,
        "name": view.get("name", resource.name),
        "type": CONTAINER_TYPES.get(resource.type, resource.type.lower()),
        "tenantId": TENANT_ID,
        "location": view.get("location", ""),
        "resourceGroup": resource.group.lower(),
        "subscriptionId": resource.subscription,
        "properties": view.get("properties", {}),
    }
    return row | {key: view.get(key) for key in KEPT}
