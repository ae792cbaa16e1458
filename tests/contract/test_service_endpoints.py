"""Imports at a registry that lets subnets in by service endpoints: sources differ, so a switch has both."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.core import errors
from acr_relocate.core.content.import_outcome import failed_import
from acr_relocate.core.content.import_plan import ImportItem
from local_azure.launcher import Emulator, running
from tests.contract.conftest import NUMBERS, entered
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/endpoints/subnets/one"
RULES = {"defaultAction": "Deny", "virtualNetworkRules": [{"virtualNetworkSubnetResourceId": SUBNET}]}


@pytest.fixture(scope="module", name="refusing_emulator")
def _refusing_emulator(ca_dir: Path) -> Iterator[Emulator]:
    with running(ca_dir=ca_dir, switches={"service_endpoint_imports": "refused"}) as emulator:
        yield emulator


@pytest.fixture(name="refusing_factory")
async def _refusing_factory(
    refusing_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RegistryFactory]:
    for emulator in entered(refusing_emulator, monkeypatch):
        async with connection() as azure:
            yield RegistryFactory(azure, emulator, NUMBERS)


async def _import(factory: RegistryFactory, *, endpoint: bool = False) -> ImportItem:
    """Bring an image from a registry with such rules, perhaps with a private endpoint too."""
    source, target = await factory.registry(), await factory.registry()
    item = ImportItem(repository="app", digest=await factory.pushed(source).image("app", "1"), tags=("1",))
    if endpoint:
        network = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        network |= {"subnets": [{"name": "one", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
        link = {"name": "acr", "properties": {"privateLinkServiceId": source.resource_id, "groupIds": ["registry"]}}
        for path, properties in (
            ("virtualNetworks/endpoints", network),
            ("privateEndpoints/one", {"subnet": {"id": SUBNET}, "privateLinkServiceConnections": [link]}),
        ):
            body = {"location": "westeurope", "properties": properties}
            await factory.azure.arm.put(f"{NETWORK}/{path}", "2024-05-01", body, doing="Making a network")
    rules = {"properties": {"networkRuleSet": RULES}}
    await factory.azure.arm.patch(source.resource_id, "2026-11-01", rules, doing="Closing")
    await factory.bring(source, target, item)
    return item


async def test_where_they_get_past_nothing_is_refused(factory: RegistryFactory) -> None:
    """Switch service_endpoint_imports=allowed."""
    await _import(factory)


async def test_where_they_do_not_the_refusal_has_a_name_and_a_remedy(refusing_factory: RegistryFactory) -> None:
    """Switch service_endpoint_imports=refused: something must be allowed, the artifact needs no other way."""
    with pytest.raises(errors.NetworkDenied, match="not allowed access") as refused:
        await _import(refusing_factory)

    outcome = failed_import(ImportItem(repository="app", digest="sha256:1", tags=()), refused.value)
    assert outcome.reason == "refused"
    assert outcome.failure is not None
    assert outcome.failure.code == "NetworkDenied"
    assert "service_endpoint_keeps_imports_out" in outcome.failure.remedy
    assert not outcome.failure.retryable


async def test_a_private_endpoint_is_a_way_past(refusing_factory: RegistryFactory) -> None:
    """As the remedy says."""
    await _import(refusing_factory, endpoint=True)
