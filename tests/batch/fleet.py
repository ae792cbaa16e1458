"""Twenty registries to move: one private, one that cannot be moved, one that fails midway, and seventeen small ones."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from acr_relocate.azure.client.session import AzureConnection, connection
from local_azure.launcher import Emulator, running

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
HERE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
TYPE = "Microsoft.ContainerRegistry/registries"
API = "2025-11-01"
PRIVATE, BLOCKED, FAILING = "contosoregistry", "fleet18", "fleet19"
ORDINARY = tuple(f"fleet{number:02}" for number in range(1, 18))
FLEET = (*ORDINARY, BLOCKED, FAILING)
NETWORK = f"{HERE}/contoso-west/providers/Microsoft.Network/virtualNetworks/contoso-vnet"
NETWORK_THERE = f"{HERE}/contoso-network-north/providers/Microsoft.Network/virtualNetworks/contoso-vnet-north"
WEBHOOK = "tellthefleet"
IMAGES = {"charts/shop:0.1.0": ["0.1.0", "0.1"], "base/python:3.9-slim": ["3.9", "latest"]}


def build(state: Path, authority: Path) -> None:
    """The registries are in the file, for an embedded Azure to start from."""
    with running("demo", ca_dir=authority) as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.env.items():
            patch.setenv(name, value)
        asyncio.run(_build(emulator))
        emulator.plant(
            registry(BLOCKED, "fleet-west"), properties={"policies": {"exportPolicy": {"status": "disabled"}}}
        )
        emulator.plant(registry(PRIVATE, "contoso-west"), properties={"publicNetworkAccess": "Disabled"})
        emulator.save(state)


async def _build(emulator: Emulator) -> None:
    async with connection() as azure:
        await azure.arm.put(f"{HERE}/fleet-west", "2022-09-01", {"location": "westeurope"}, doing="Making a group")
        await asyncio.gather(*(_make(azure, name) for name in FLEET))
        hook = {"actions": ["push"], "serviceUri": "https://deploy.contoso.com/hooks", "status": "enabled"}
        path = f"{registry(FAILING, 'fleet-west')}/webhooks/{WEBHOOK}"
        await azure.arm.put(path, API, {"location": "westeurope", "properties": hook}, doing="Making a webhook")


async def _make(azure: AzureConnection, name: str) -> None:
    here = registry(name, "fleet-west")
    body = {"location": "westeurope", "sku": {"name": "Premium"}, "tags": {"fleet": name[5:]}}
    await azure.arm.put(here, API, body, doing="Making a registry")
    for image, tags in IMAGES.items():
        source = {"resourceId": registry(PRIVATE, "contoso-west"), "sourceImage": image}
        wanted = {"source": source, "targetTags": [f"{name}/app:{tag}" for tag in tags]}
        answer = await azure.arm.call("POST", f"{here}/importImage", API, json=wanted, doing="Importing")
        await azure.arm.finished(answer, doing="Importing", resource=here)


def registry(name: str, group: str) -> str:
    """The resource id."""
    return f"{HERE}/{group}/providers/{TYPE}/{name}"


def batch(name: str) -> dict[str, Any]:
    """The fleet by a query, the private registry by a request of its own."""
    subnets = {f"{NETWORK}/subnets/{subnet}": f"{NETWORK_THERE}/subnets/{subnet}" for subnet in ("apps", "endpoints")}
    return {
        "name": name,
        "query": {"subscription_ids": [SUBSCRIPTION], "resource_groups": ["fleet-*"], "tags": {"fleet": "*"}},
        "naming": {"location": "northeurope", "name": "{name}north", "resource_group": "{name}-north"},
        "max_parallel": 6,
        "requests": [
            {
                "source": {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": PRIVATE},
                "target": {"resource_group": f"{PRIVATE}-north", "name": f"{PRIVATE}north", "location": "northeurope"},
                "selection": {"repositories": ["legacy/*"]},
                "subnets": subnets,
            }
        ],
    }


def content(emulator: Emulator, name: str) -> dict[str, Any]:
    """Tags and digests of each repository; of the private registry what is selected."""
    held = emulator.content(name)["repositories"]
    return {
        repository: (found["tags"], sorted(found["manifests"]))
        for repository, found in held.items()
        if not name.startswith(PRIVATE) or repository.startswith("legacy/")
    }


def writes_about(emulator: Emulator, name: str) -> list[str]:
    """Every change that anybody asked for of a registry, its target, that one's group, and their content."""
    stats = emulator.stats()
    return [write for write in (*stats["writes"], *stats["registry_writes"]) if name in write.lower()]
