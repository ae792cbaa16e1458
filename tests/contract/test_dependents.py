"""The dependency map of a planted Azure: every kind is found with read access, and nothing is changed."""

from collections.abc import Callable

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import dependents
from acr_relocate.azure.resources import networks
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.dependencies import DependencyMap, Surroundings, build_map
from acr_relocate.core.network.layout import TargetNetwork
from acr_relocate.core.network.prerequisites import build_network_layout
from acr_relocate.core.registry.inventory import Registry
from local_azure.launcher import Emulator
from tests.support.builders import request

READER = {"AZURE_CLIENT_ID": "55555555-5555-5555-5555-555555555555", "AZURE_CLIENT_SECRET": "local-azure-reader"}
NORTH = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso-network-north/providers"
SUBNETS = f"{NORTH}/Microsoft.Network/virtualNetworks/contoso-vnet-north/subnets"

PLANTED = {
    "cluster": "contoso-aks",
    "bootstrap_registry": "contoso-aks",
    "container_app": "contoso-storefront",
    "container_app_job": "contoso-nightly-report",
    "web_app": "contoso-portal",
    "function_app": "contoso-resize",
    "container_group": "contoso-smoke-test",
    "ml_workspace": "contoso-forecast",
    "batch_pool": "ingest",
    "role_assignment": "AcrPull for contoso-aks-agentpool",
    "principal": "contoso-storefront",
    "private_endpoint": "contoso-acr-pe",
    "dns_zone_group": "contoso-acr-pe/default",
    "dns_zone": "privatelink.azurecr.io",
    "dns_zone_link": "contoso-vnet",
    "virtual_network": "contoso-vnet",
    "subnet_rule": "contoso-vnet/apps",
    "diagnostic_setting": "contosoregistry-diagnostic-settings",
    "log_sink": "contoso-logs",
    "event_topic": "contoso-acr-events",
    "event_subscription": "scan-on-push",
    "managed_identity": "contosoregistry (system-assigned)",
    "webhooks": "deployfrontend",
    "replications": "francecentral",
    "scopeMaps": "shop-pull",
    "tokens": "edge-site-1",
    "cacheRules": "busybox",
    "tasks": "build-frontend",
    "policy": "Registries should not allow unrestricted network access",
}
SECRETS = ("not-a-real-secret", "deploy.contoso.com", "scan.contoso.com")


@pytest.fixture(name="demo")
def _demo(start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator]) -> Emulator:
    """The lifelike Azure."""
    return use_emulator(start_emulator(seed="demo"))


async def look() -> tuple[Registry, Surroundings, DependencyMap]:
    async with connection() as azure:
        registry = await read_registry(azure, request().source)
        found = await dependents.read_surroundings(azure, registry)
    return registry, found, build_map(registry, found, request())


async def test_every_planted_kind_is_found(demo: Emulator) -> None:
    """By name, with nothing unread but what Azure never shows, nothing unexplained, and not one write."""
    _, _, drawn = await look()
    found = {(entry.kind, entry.name) for entry in drawn.dependencies}

    assert set(PLANTED.items()) <= found
    # Azure numbers the interfaces of private endpoints.
    assert {kind for kind, _ in found} == PLANTED.keys() | {"network_interface"}
    [cluster] = [entry for entry in drawn.dependencies if entry.kind == "cluster"]
    assert not drawn.unread
    assert cluster.tie.endswith("it runs contoso/shop/frontend:1.4, platform/gateway:latest")
    assert demo.stats()["arm_writes"] == 0


async def test_a_reader_sees_the_same(demo: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The map needs no right to change anything."""
    _, _, as_owner = await look()
    for name, value in READER.items():
        monkeypatch.setenv(name, value)
    _, _, as_reader = await look()

    assert as_reader == as_owner


async def test_no_secret_is_on_the_map(demo: Emulator) -> None:
    """Neither the addresses of webhooks nor what tasks and containers keep."""
    _, found, drawn = await look()

    assert not [secret for secret in SECRETS if secret in drawn.model_dump_json() + found.model_dump_json()]


async def test_the_networks_are_laid_out(demo: Emulator) -> None:
    """The source's addresses with their records, and the room in the target's subnets."""
    registry, found, _ = await look()
    west = str(found.endpoints[0]["properties"]["subnet"]["id"])  # type: ignore[index]
    mapped = request(subnets={west: f"{SUBNETS}/endpoints"})
    async with connection() as azure:
        subnet = await networks.subnet(azure, f"{SUBNETS}/endpoints")
        room = await networks.subnet_room(azure, f"{SUBNETS}/endpoints")
        absent = await networks.subnet_room(azure, f"{SUBNETS}/absent")
    read = TargetNetwork(subnets={f"{SUBNETS}/endpoints": subnet}, rooms={f"{SUBNETS}/endpoints": room})
    layout = build_network_layout(registry, mapped, found, read)

    assert absent is None
    assert room is not None
    assert (room.free, room.prefixes, room.endpoint_policies) == (251, ("10.20.1.0/24",), "Disabled")
    assert [address.recorded for address in layout.source.endpoints[0].addresses] == ["yes", "yes", "yes"]
    assert {one.what: one.state for one in layout.prerequisites}[
        "3 free addresses in contoso-vnet-north/endpoints"
    ] == "met"
