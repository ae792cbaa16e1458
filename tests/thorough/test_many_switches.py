"""A hundred dependents are switched, eight at once: one of each kind fails, the rest is done, and all go back."""

import json
from typing import Any

import pytest

from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.report.report import Report
from acr_relocate.core.switching.container_apps import CONTAINER_APPS_API
from acr_relocate.core.switching.sites import SITES_API
from deployments.standing import read_standing
from flows.cut_over import cut_over_dependents
from flows.relocate import relocate_registry
from flows.switch import switch_back
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory
from tests.service.conftest import NUMBERS, make_move
from tests.service.test_switching import (
    APPS,
    EDGE,
    RUN_BY_APPS,
    USERS_LEFT,
    WITH_A_PASSWORD,
    WORKSPACES,
    apps,
    plant_another_registry,
    without_switch,
)

pytestmark = pytest.mark.usefixtures("short_looks")

COPIES = 16
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SITE = "Microsoft.Web/sites"
STRUCK = {
    "revision-fails": {"app": "contoso-storefront-03"},
    "revision-hangs": {"app": "contoso-storefront-04"},
    "change-fails": {"resource": "contoso-nightly-report-05"},
    "site-fails": {"site": "contoso-portal-06"},
    "site-hangs": {"site": "contoso-invoices-07"},
    "workspace-fails": {"workspace": "contoso-forecast-08"},
    "deny-assignment": {"method": "PATCH", "path": "contoso-storefront-09"},
    "rollout-hangs": {"workload": "frontend"},
}
"""The faults, each at one dependent: two never end, and are out of time after a minute."""
FAILED = [next(value for key, value in one.items() if key != "method") for one in STRUCK.values()][:-1]
IMPOSSIBLE = (WITH_A_PASSWORD, "contoso-smoke-test", "/batchAccounts/", "/providers/Microsoft.Network/")
"""Dependents that the report leaves to people, and the network, which serves both registries."""


async def multiply(azure: AzureConnection, emulator: Emulator, factory: RegistryFactory, source: Any) -> None:
    """Make copies of each app, job, site and workspace, which pull with identities of their own."""
    for one in emulator.resources():
        if one["type"] not in {*APPS, SITE, WORKSPACES} or one["name"] == WITH_A_PASSWORD:
            continue
        if one["type"] == SITE:
            shown = await azure.arm.get(f"{one['id']}/config/web", SITES_API, doing="Looking")
            config = {name: shown["properties"][name] for name in ("linuxFxVersion", "acrUseManagedIdentityCreds")}
            own = {"siteConfig": config, "serverFarmId": one["properties"]["serverFarmId"]}
        else:
            wanted = ("environmentId", "configuration", "template", "containerRegistry", "friendlyName")
            own = {name: one["properties"][name] for name in wanted if name in one["properties"]}
        kind = {"kind": one["kind"]} if one.get("kind") else {}
        body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": own, **kind}
        version = {SITE: SITES_API, WORKSPACES: "2024-10-01"}.get(one["type"], CONTAINER_APPS_API)
        for number in range(COPIES):
            made = await azure.arm.put(f"{one['id']}-{number:02}", version, body, doing="Making a copy")
            await factory.grant(source, PULL, made["identity"]["principalId"])
            if one["type"] == SITE:  # its first container has started before a fault is armed
                await azure.arm.get(f"{made['id']}/instances", SITES_API, doing="Looking")


def naming(emulator: Emulator, source: str) -> list[str]:
    """Return the dependents that name the source, by the emulator's own books; former revisions do not count."""
    found = []
    for one in emulator.resources():
        is_ours = "/contoso-west/" in one["id"] or "/moved-" in one["id"] or "/deployments/" in one["id"]
        if is_ours or "/revisions/" in one["id"] or any(part in one["id"] for part in IMPOSSIBLE):
            continue
        shown = json.dumps(one.get("properties"))
        if f"{source}.azurecr.io" in shown or f'/{source}"' in shown:
            found.append(one["id"])
    return found


async def test_of_many_each_is_switched_or_as_it_was(own_demo: Emulator) -> None:
    """Afterwards nothing in Azure names the source but what is impossible, and the way back is to the same bytes."""
    move = make_move(own_demo, RUN_BY_APPS, switch={"enabled": True, "max_parallel": 8, "minutes": 1})
    request = move.request
    async with connection() as azure:
        await multiply(azure, own_demo, RegistryFactory(azure, own_demo, NUMBERS), request.source)
    await relocate_registry(without_switch(request))
    await plant_another_registry(f"{request.source.name}.azurecr.io")
    before = await apps(own_demo)
    for fault, where in STRUCK.items():
        own_demo.arm_fault(fault, **where)

    with pytest.raises(NotRelocated):
        await cut_over_dependents(request)
    own_demo.clear_faults()
    first = await apps(own_demo)
    second = await cut_over_dependents(request)
    switched, left = await apps(own_demo), naming(own_demo, request.source.name)
    standing = await read_standing(request, None)
    back = await switch_back(request)

    assert isinstance(second, Report)
    assert isinstance(back, Report)
    named = {name for name, one in first.items() if request.source.name in str(one).replace(request.target.name, "")}
    assert {name for name in named if first[name] == before[name]} == named
    assert {*FAILED} <= named
    assert second.verdict == "relocated"
    assert left == []
    assert request.source.name not in str(switched)
    assert sorted(standing.users) == USERS_LEFT
    assert standing.switched >= 5 * COPIES
    assert {one.kind for one in back.cut_over} == {"removed"}
    assert await apps(own_demo) == before
    assert naming(own_demo, request.source.name)
    assert any(one.startswith(EDGE) for one in naming(own_demo, request.source.name))
