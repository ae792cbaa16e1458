"""Two registries of a test's own, of which one has been brought into the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.azure.resources.deployments import ensure_resource_group
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from flows.import_images import import_images
from local_azure.launcher import Emulator
from tests.contract.registry_factory import Pusher
from tests.service.conftest import NUMBERS, SUBSCRIPTION

APP, GROUP = "team/app", "sync-tests"


@dataclass
class Pair:
    """Two registries of a test's own, and the request to bring the content of one into the other."""

    request: RelocationRequest
    source: DataPlane
    target: DataPlane


@asynccontextmanager
async def synced(emulator: Emulator, *tags: str, **options: Any) -> AsyncIterator[Pair]:
    """A source with an image for each of these tags, all of which have been brought to the target."""
    names = [f"sync{next(NUMBERS):04}{side}" for side in ("west", "north")]
    source = {"subscription_id": SUBSCRIPTION, "resource_group": GROUP, "name": names[0]}
    target = {"resource_group": GROUP, "name": names[1], "location": "northeurope"}
    async with connection() as azure:
        for name in names:
            await make_registry(azure, name)
        pair = Pair(
            parse_request({"source": source, "target": target, **options}),
            *(azure.data_plane(f"{name}.azurecr.io") for name in names),
        )
        for tag in tags:
            await Pusher(pair.source).image(APP, tag, text=tag)
        await import_images(pair.request)
        yield pair


async def make_registry(azure: AzureConnection, name: str) -> None:
    """A Premium registry with Azure's defaults, in the group of these tests."""
    await ensure_resource_group(azure, SUBSCRIPTION, GROUP, "westeurope")
    body = {"location": "westeurope", "sku": {"name": "Premium"}}
    await azure.arm.put(registry_id(SUBSCRIPTION, GROUP, name), "2025-11-01", body, doing="Making a registry")
