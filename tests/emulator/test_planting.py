"""Worlds that are put back as they were, and things in them that no rule allows."""

from pathlib import Path
from typing import Any

from local_azure.launcher import Emulator
from tests.emulator.conftest import SUBSCRIPTION, Send

REGISTRY = f"{SUBSCRIPTION}/resourceGroups/planted/providers/Microsoft.ContainerRegistry/registries/planted1"
PROVIDER = f"{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry"


def offered(send: Send, kind: str) -> list[str]:
    """The regions in which the provider says that it has a type."""
    types: list[dict[str, Any]] = send("GET", PROVIDER, "2021-04-01").json()["resourceTypes"]
    regions: list[str] = next(one["locations"] for one in types if one["resourceType"] == kind)
    return regions


def test_a_planted_resource_is_there_against_all_rules(emulator: Emulator, send: Send) -> None:
    """Its properties are as planted; planted again, those that are not named stay."""
    send("PUT", f"{SUBSCRIPTION}/resourcegroups/planted", "2021-04-01", {"location": "westeurope"}).raise_for_status()
    body = {"location": "westeurope", "sku": {"name": "Premium"}}
    send("PUT", REGISTRY, "2025-11-01", body).raise_for_status()

    emulator.plant(REGISTRY, sku={"name": "Classic"}, properties={"provisioningState": "Failed"})

    shown = send("GET", REGISTRY, "2025-11-01").json()
    assert shown["sku"] == {"name": "Classic"}
    assert shown["properties"]["provisioningState"] == "Failed"
    assert shown["properties"]["loginServer"] == "planted1.azurecr.io"


def test_a_world_is_put_back_as_it_was(emulator: Emulator, send: Send, tmp_path: Path) -> None:
    """Later changes are gone, and no fault is armed."""
    emulator.save(tmp_path / "world.json")
    send("PUT", f"{SUBSCRIPTION}/resourcegroups/later", "2021-04-01", {"location": "westeurope"}).raise_for_status()
    emulator.arm_fault("not-offered", type="registries", location="North Europe", times="always")

    emulator.load(tmp_path / "world.json")

    assert send("GET", f"{SUBSCRIPTION}/resourcegroups/later", "2021-04-01").status_code == 404
    assert emulator.faults() == {}


def test_agent_pools_are_offered_in_some_regions_only(emulator: Emulator, send: Send) -> None:
    """As Azure's documentation lists them; registries are everywhere."""
    assert "North Europe" in offered(send, "registries/agentPools")
    assert "UK South" not in offered(send, "registries/agentPools")
    assert "UK South" in offered(send, "registries")


def test_what_is_not_offered_in_a_region_is_not_named_there(emulator: Emulator, send: Send) -> None:
    """Fault not-offered, for one type and one region."""
    emulator.arm_fault("not-offered", type="registries/webhooks", location="North Europe", times="always")

    assert "North Europe" not in offered(send, "registries/webhooks")
    assert "North Europe" in offered(send, "registries/tokens")
