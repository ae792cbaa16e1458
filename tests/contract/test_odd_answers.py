"""Odd answers about one user of a registry, over the real SDK: it is named, and hides no other."""

from collections.abc import Callable
from typing import Any

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import dependents
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.dependencies import Surroundings, build_map, findings
from acr_relocate.core.dependencies.build_map import WHAT
from acr_relocate.core.evidence.unknown import Unknown
from local_azure.launcher import Emulator
from local_azure.state.settings import SUBSCRIPTION_ID
from tests.support.builders import request

ODD: dict[str, dict[str, Any]] = {
    "managedClusters/contoso-aks": {"identityProfile": ["kubelet"]},
    "containerGroups/contoso-smoke-test": {"containers": ["contosoregistry.azurecr.io/smoke:1"]},
    "workspaces/contoso-forecast": {"containerRegistry": {"contosoregistry.azurecr.io": None}},
    "systemTopics/contoso-acr-events": {"source": ["contosoregistry.azurecr.io"]},
}


async def look(arm: Callable[[], object] = bool) -> tuple[Surroundings, set[tuple[str, str]], str]:
    """The surroundings, what is in the map, and what is said about what is not; `arm` comes after the registry."""
    async with connection() as azure:
        registry = await read_registry(azure, request().source)
        arm()
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


HOME = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/contoso-west/providers"
OTHER = f"{HOME}/Microsoft.ContainerRegistry/registries/otherregistry"
READINGS = {  # part of the surroundings -> the listing that it is read from
    "diagnostic_settings": "contosoregistry/providers/Microsoft.Insights/diagnosticSettings",
    "role_assignments": "contosoregistry/providers/Microsoft.Authorization/roleAssignments",
    "policies": "contosoregistry/providers/Microsoft.Authorization/policyAssignments",
    "event_subscriptions": "contosoregistry/providers/Microsoft.EventGrid/eventSubscriptions",
    "downstream": "/cacheRules",
    "batch_pools": "/pools",
}


@pytest.mark.parametrize("part", READINGS)
async def test_an_entry_that_is_no_object_hides_no_other(part: str, demo: Emulator) -> None:
    """It is named as one of its part; the part stays as it was, and so does the map."""
    demo.clear_faults()
    demo.plant(OTHER, location="westeurope", properties={"loginServer": "otherregistry.azurecr.io"})
    around, before, _ = await look()

    found, after, told = await look(lambda: demo.arm_fault("odd-entry", path=READINGS[part]))

    assert len(getattr(found, part)) == len(getattr(around, part))
    new = [(one.part, one.reason) for one in found.odd if one not in around.odd]
    assert new == [(part, "NoneType in the place of a resource")]
    assert (after, told.count("NoneType in the place of a resource")) == (before, 1)


async def test_a_row_of_a_query_that_is_no_object_hides_no_other(demo: Emulator) -> None:
    """It is set aside in each part that Resource Graph tells."""
    _, before, _ = await look()

    found, after, _ = await look(
        lambda: demo.arm_fault("odd-entry", path="Microsoft.ResourceGraph/resources", times="always")
    )
    demo.clear_faults()

    assert after == before
    assert {"naming", "clusters", "sites", "alerts", "downstream", "batch_pools"} <= {one.part for one in found.odd}
    assert not [name for name in WHAT if isinstance(getattr(found, name), Unknown)]
