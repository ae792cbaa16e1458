"""Between two registries of one name: private endpoints of the deleted one go, and its name has to be free."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acr_relocate.azure.changes.kept_name import remove_dead_endpoints, require_free_name
from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.core.errors import TemporaryFailure
from acr_relocate.core.registry.resource_types import STABLE
from local_azure.launcher import Emulator, running
from tests.contract.conftest import entered
from tests.support.builders import SUBSCRIPTION

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west/providers"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/contosoregistry"
ENDPOINT = f"{GROUP}/Microsoft.Network/privateEndpoints/contoso-acr-pe"
OTHER = f"{GROUP}/Microsoft.Network/privateEndpoints/others"
RECORD = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io/A/contosoregistry"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/contoso-vnet/subnets/endpoints"


@pytest.fixture(name="demo")
def _demo(ca_dir: Path) -> Iterator[Emulator]:
    """The lifelike registry, with a private endpoint and its DNS records."""
    with running("demo", ca_dir=ca_dir) as emulator, pytest.MonkeyPatch.context() as patch:
        yield from entered(emulator, patch)


@pytest.fixture(name="there")
async def _there(demo: Emulator) -> AsyncIterator[AzureConnection]:
    del demo
    async with connection() as azure:
        yield azure


async def test_only_endpoints_that_lead_nowhere_go(demo: Emulator, there: AzureConnection) -> None:
    """None while the registry is there; then its own with their records, and none that leads elsewhere too."""
    link = {"privateLinkServiceId": REGISTRY, "groupIds": ["registry"]}
    await there.arm.put(
        f"{REGISTRY}new", STABLE, {"location": "westeurope", "sku": {"name": "Premium"}}, doing="Planting"
    )
    elsewhere = link | {"privateLinkServiceId": f"{REGISTRY}new"}
    links = [{"name": "a", "properties": link}, {"name": "b", "properties": elsewhere}]
    body = {"subnet": {"id": SUBNET}, "privateLinkServiceConnections": links}
    await there.arm.put(OTHER, "2024-05-01", {"location": "westeurope", "properties": body}, doing="Planting")

    assert await remove_dead_endpoints(there, REGISTRY) == ()

    await there.arm.delete(REGISTRY, STABLE, doing="Deleting")
    held = {one["id"] for one in demo.resources()}
    assert {ENDPOINT, OTHER, RECORD} <= held

    assert await remove_dead_endpoints(there, REGISTRY) == ("contoso-acr-pe",)
    assert await remove_dead_endpoints(there, REGISTRY) == ()
    left = {one["id"] for one in demo.resources()}
    assert OTHER in left
    assert not {ENDPOINT, RECORD} & left


async def test_a_name_is_free_after_the_deletion(demo: Emulator, there: AzureConnection) -> None:
    """Before, it is worth another try, and the way back is said."""
    del demo
    with pytest.raises(TemporaryFailure, match="everything is halfway"):
        await require_free_name(there, REGISTRY, "everything is halfway")

    await there.arm.delete(REGISTRY, STABLE, doing="Deleting")

    await require_free_name(there, REGISTRY, "everything is halfway")
