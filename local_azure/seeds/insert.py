"""Puts resources into a world before it answers anybody, by the same rules as a PUT."""

from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from local_azure.arm.resource_pipeline import begin_put
from local_azure.registry.admission import REGISTRY_TYPE, content_of
from local_azure.state.content import RegistryContent
from local_azure.state.settings import OWNER_OBJECT_ID, SUBSCRIPTION_ID
from local_azure.state.store import Resource
from local_azure.state.world import World

REGISTRY_API: Final = "2026-03-01-preview"  # knows virtual network rules
REGISTRY: Final = "contosoregistry"
GROUP: Final = "contoso-west"
LOCATION: Final = "westeurope"
T = TypeVar("T")


def put(world: World, resource_id: str, body: dict[str, Any], api_version: str = REGISTRY_API) -> Resource:
    """Insert the resource with its defaults and dependents; AzureError if Azure would refuse it."""
    owner = world.directory.find(OWNER_OBJECT_ID)
    assert owner is not None  # noqa: S101 - every world starts with its owner
    change = _at_once(begin_put(world, owner, resource_id, api_version, body))
    _at_once(change.finish())
    return change.resource


def group_id(group: str) -> str:
    """Return the id of a resource group of the one subscription."""
    return f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{group}"


def plain_registry(world: World, sku: str = "Premium") -> RegistryContent:
    """Insert the registry `contosoregistry` with default settings; return its content, to be filled."""
    world.add_group(GROUP, LOCATION)
    resource_id = f"{group_id(GROUP)}/providers/{REGISTRY_TYPE}/{REGISTRY}"
    return content_of(world, put(world, resource_id, {"location": LOCATION, "sku": {"name": sku}}))


def _at_once(work: Awaitable[T]) -> T:
    """Run work that never waits, as in a world without clients, and return its result."""
    try:
        next(work.__await__())
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("a seed cannot wait")
