"""A registry is located by its name, with read access."""

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery.find_registry import locate, resolve_request
from acr_relocate.core.errors import NotFound
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import parse_request
from local_azure.launcher import Emulator

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"


async def find(**ref: str) -> RegistryRef:
    async with connection() as azure:
        return await locate(azure, RegistryRef(**ref))


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("where", [{}, {"resource_group": "Contoso-West"}, {"subscription_id": SUBSCRIPTION}])
async def test_a_name_is_enough(where: dict[str, str]) -> None:
    """Other fields beside the id have to agree with it."""
    found = await find(name="contosoregistry.azurecr.io", **where)

    assert (found.name, found.resource_group, found.subscription_id) == (
        "contosoregistry",
        "contoso-west",
        SUBSCRIPTION,
    )


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("where", [{"name": "contoso"}, {"name": "contosoregistry", "resource_group": "elsewhere"}])
async def test_one_that_nobody_sees_is_refused_with_what_to_do(where: dict[str, str]) -> None:
    """It may be misspelt, hidden from this identity, or too new."""
    with pytest.raises(NotFound, match="in the subscriptions that this identity may read") as refused:
        await find(**where)
    assert "Reader" in refused.value.remedy


async def test_where_it_is_said_nobody_is_asked(demo: Emulator) -> None:
    """A complete request costs no call."""
    await find(name="contosoregistry", resource_group="contoso-west", subscription_id=SUBSCRIPTION)

    assert demo.stats()["routes"] == {}


async def test_a_kept_name_is_found_where_it_was(demo: Emulator) -> None:
    """The registry that has the name by now may be in another group; the intermediate one says where the former was."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{{}}/providers/Microsoft.ContainerRegistry/registries"
    former = f"{group.format('contoso-former')}/contosoregistry"
    target = {"name": "same", "location": "northeurope", "intermediate": "contosohalfway"}
    request = parse_request({"source": {"name": "contosoregistry"}, "target": target})
    async with connection() as azure:
        before = await resolve_request(azure, request)
        demo.plant(f"{group.format('contoso-west')}/contosohalfway", location="northeurope", tags={SOURCE_TAG: former})
        after = await resolve_request(azure, request)

    assert before.source.resource_group == "contoso-west"
    assert after.source.resource_id == former
