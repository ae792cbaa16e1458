"""Odd answers about one user of a registry, over the real SDK: it is named, and hides no other."""

from collections.abc import Callable
from typing import Any

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import dependents
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.dependencies import Surroundings, build_map, findings
from acr_relocate.core.evidence.unknown import Unknown
from local_azure.launcher import Emulator
from tests.support.builders import request

ODD: dict[str, dict[str, Any]] = {
    "managedClusters/contoso-aks": {"identityProfile": ["kubelet"]},
    "containerGroups/contoso-smoke-test": {"containers": ["contosoregistry.azurecr.io/smoke:1"]},
    "workspaces/contoso-forecast": {"containerRegistry": {"contosoregistry.azurecr.io": None}},
    "systemTopics/contoso-acr-events": {"source": ["contosoregistry.azurecr.io"]},
}


@pytest.fixture(name="demo")
def _demo(start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator]) -> Emulator:
    """The lifelike Azure."""
    return use_emulator(start_emulator(seed="demo"))


async def look() -> tuple[Surroundings, set[tuple[str, str]], str]:
    """The surroundings, what is in the map, and what is said about what is not."""
    async with connection() as azure:
        registry = await read_registry(azure, request().source)
        found = await dependents.read_surroundings(azure, registry)
    drawn = build_map(registry, found, request())
    told = "\n".join(f"{one.message}\n{one.remedy}" for one in findings(drawn))
    return found, {(entry.kind, entry.name) for entry in drawn.dependencies}, told


async def test_odd_answers_about_users_hide_no_other(demo: Emulator) -> None:
    """All others are in the map as before; each that is not understood is named, with a command to look at it."""
    around, before, _ = await look()
    assert not isinstance(around.naming, Unknown)
    assert not isinstance(around.clusters, Unknown)
    rows = [*around.naming, *around.clusters]
    there = {row["id"]: suffix for row in rows for suffix in ODD if row["id"].endswith(f"/{suffix}")}
    names = {resource_id.rpartition("/")[2] for resource_id in there}

    for resource_id, suffix in there.items():
        demo.plant(resource_id, properties=ODD[suffix])
    found, after, told = await look()

    assert len(there) == len(ODD)
    assert {one for one in before - after if not any(name in one[1] for name in names)} == set()
    assert {"contoso-aks", "contoso-smoke-test"} <= {one.name for one in found.odd} <= names
    assert all(f"az resource show \\\n  --ids {one.id}" in told for one in found.odd)
