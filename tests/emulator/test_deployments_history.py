"""The history of deployments: 800 of them, the oldest going unless a lock keeps them."""

import pytest

from local_azure.deployments.preflight import check
from local_azure.deployments.records import HISTORY_LIMIT, open_record
from local_azure.deployments.request import TYPE, DeploymentRequest
from local_azure.host import routes
from local_azure.state.errors import AzureError
from local_azure.state.settings import OWNER_OBJECT_ID, Settings
from local_azure.state.store import Resource
from local_azure.state.world import World

__all__ = ["routes"]


@pytest.fixture
def world() -> World:
    """A world in which the group `full` has as many deployments as it may have."""
    world = World(Settings())
    group = world.add_group("full", "westeurope")
    for number in range(HISTORY_LIMIT):
        record = world.add(f"{group.id}/providers/{TYPE}/old{number:03}", {"properties": {}}, {"operations": []})
        record.created = float(number)
    return world


async def deploy(world: World) -> Resource:
    """One more deployment, of nothing."""
    owner = world.directory.find(OWNER_OBJECT_ID)
    assert owner is not None
    group = world.resources.select("Microsoft.Resources/resourceGroups")[0].id
    template = {"$schema": "x", "contentVersion": "1.0.0.0", "resources": []}
    checked = await check(world, owner, DeploymentRequest(group, "new", template, {}))
    return open_record(world, checked, "00000000-0000-0000-0000-000000000000")


async def test_the_oldest_deployment_makes_room(world: World) -> None:
    """Azure prunes by itself."""
    made = await deploy(world)
    history = {one.name for one in world.resources.children(made.parent, TYPE)}
    assert len(history) == HISTORY_LIMIT
    assert "old000" not in history


async def test_a_lock_that_keeps_the_oldest_makes_the_quota_bite(world: World) -> None:
    """DeploymentQuotaExceeded, as after 800 deployments to a group with a CanNotDelete lock."""
    group = world.resources.select("Microsoft.Resources/resourceGroups")[0].id
    world.add(f"{group}/providers/Microsoft.Authorization/locks/keep", {"properties": {"level": "CanNotDelete"}})
    with pytest.raises(AzureError) as refused:
        await deploy(world)
    assert refused.value.code == "DeploymentQuotaExceeded"
