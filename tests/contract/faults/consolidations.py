"""Several sources of one target."""

from __future__ import annotations

from typing import Any, Final

from acr_relocate.azure.resources.children import PREVIEW
from acr_relocate.core.request.identity import PART_TAG, PLAN_TAG, relocation_id, target_mark
from acr_relocate.core.request.registry_refs import RegistryRef
from tests.contract.faults.planted import fault
from tests.contract.planting import NORTH, SOURCE, SUBSCRIPTION, WEST, Planting

BOOKS: Final = RegistryRef(subscription_id=SUBSCRIPTION, resource_group="contoso-west", name="booksregistry")
TARGET: Final = f"{NORTH}/providers/Microsoft.ContainerRegistry/registries/contosoregistryne"


async def two(p: Planting, *, first: RegistryRef = SOURCE, **properties: Any) -> None:
    """A second source, with other properties."""
    body = {"sku": {"name": "Premium"}, "properties": {"adminUserEnabled": False, **properties}}
    await p.put(BOOKS.resource_id, PREVIEW, location="westeurope", **body)
    order = [first, *(one for one in (SOURCE, BOOKS) if one != first)]
    prefixes = {SOURCE.name: "shop", BOOKS.name: "books"}
    sources = [{"registry": one.model_dump(), "prefix": prefixes[one.name]} for one in order]
    rename = {"**": f"{prefixes[p.source.name]}/**"}
    p.fields |= {"consolidation": {"sources": sources}, "rename": rename}


@fault("settings_clash")
async def _(p: Planting) -> None:
    await two(p, zoneRedundancy="Enabled")


@fault("access_settings_clash")
async def _(p: Planting) -> None:
    await two(p, anonymousPullEnabled=True)


@fault("earlier_source_not_moved")
async def _(p: Planting) -> None:
    await two(p, first=BOOKS)


@fault("other_source_unread")
async def _(p: Planting) -> None:
    await two(p)
    await p.azure.arm.delete(BOOKS.resource_id, PREVIEW, doing="Planting")


@fault("prefix_taken")
async def _(p: Planting) -> None:
    await two(p, first=BOOKS)
    tags = {PLAN_TAG: target_mark(p.request)}
    await p.put(TARGET, PREVIEW, location="northeurope", sku={"name": "Premium"}, tags=tags, properties={})
    plane = p.azure.data_plane("contosoregistryne.azurecr.io")
    await type(p.push)(plane).image("shop/else", "v1")
    record(p)


@fault("roles_reach_all_sources")
async def _(p: Planting) -> None:
    await two(p)
    await p.grant("AcrPull", f"{WEST}/providers/Microsoft.ContainerRegistry/registries/contosoregistry")


def record(p: Planting) -> None:
    """The first source has brought its part."""
    first = p.request.model_copy(update={"source": BOOKS})
    tags = {PLAN_TAG: relocation_id(first), PART_TAG: target_mark(first)}
    path = f"{NORTH}/providers/Microsoft.Resources/deployments/acr-relocate-first"
    p.force(path, tags=tags, properties={"provisioningState": "Succeeded"})
