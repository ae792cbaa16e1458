"""An index that no import takes: its parts are imported, itself is pushed byte for byte; and what Azure says then."""

import pytest

from acr_relocate.azure.client.session import AzureConnection, CloudSettings
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.content.push import push_manifest
from acr_relocate.core import errors
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.selection import Selection
from local_azure.state import settings
from tests.contract.registry_factory import RegistryFactory

PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


async def indexed(factory: RegistryFactory, parts: int, *tags: str) -> tuple[RegistryRef, ImportItem, list[str]]:
    """A registry with an index of so many images, the index as it is pushed, and the digests of its parts."""
    source = await factory.registry()
    push = factory.pushed(source)
    children = [await push.image("app", text=f"platform {number}") for number in range(parts)]
    digest = await push.index("app", children, "1")
    return source, ImportItem(repository="app", digest=digest, tags=tags, pushed=True), children


async def test_an_index_of_51_arrives_with_its_digest_and_tags(factory: RegistryFactory) -> None:
    """importImage refuses it; its parts and then its own bytes make the same digest at the target."""
    source, item, children = await indexed(factory, 51, "1", "latest")
    target = await factory.registry()
    with pytest.raises(errors.ImportRefused, match="maximum number of manifests"):
        await factory.bring(source, target, item)
    for child in children:
        await factory.bring(source, target, ImportItem(repository="app", digest=child))

    await push_manifest(factory.plane(source), factory.plane(target), item)

    there = factory.plane(target)
    assert {await there.head_digest("app", name) for name in ("1", "latest", item.digest)} == {item.digest}
    assert await there.raw_manifest("app", item.digest) == await factory.plane(source).raw_manifest("app", item.digest)


async def test_an_index_without_a_tag_is_pushed_by_its_digest(factory: RegistryFactory) -> None:
    """And has no tag afterwards; pushed again it is the same."""
    source, item, [child] = await indexed(factory, 1)
    target = await factory.registry()
    await factory.bring(source, target, ImportItem(repository="app", digest=child))

    for _ in range(2):
        await push_manifest(factory.plane(source), factory.plane(target), item)

    assert await factory.plane(target).head_digest("app", item.digest) == item.digest
    assert [tag async for tag in factory.plane(target).tags("app")] == []


async def test_an_index_whose_part_did_not_arrive_is_not_found(factory: RegistryFactory) -> None:
    """Azure takes no index without its parts; the remedy says where to look."""
    source, item, _ = await indexed(factory, 2, "1")
    target = await factory.registry()

    with pytest.raises(errors.NotFound, match="a part that it lists is not there") as refused:
        await push_manifest(factory.plane(source), factory.plane(target), item)

    assert "import of its parts" in refused.value.remedy


async def test_who_may_not_push_is_told_the_role(factory: RegistryFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right to import does not include pushing: the error names the right, and a command to push."""
    source, item, [child] = await indexed(factory, 1, "1")
    target = await factory.registry()
    await factory.bring(source, target, ImportItem(repository="app", digest=child))
    for ref in (source, target):
        await factory.grant(ref, PULL, settings.READER_OBJECT_ID)
    monkeypatch.setenv("AZURE_CLIENT_ID", settings.READER_CLIENT_ID)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", settings.READER_SECRET)
    reader = AzureConnection(CloudSettings.from_environment())
    try:
        with pytest.raises(errors.AccessDenied) as refused:
            await push_manifest(
                reader.data_plane(f"{source.name}.azurecr.io"), reader.data_plane(f"{target.name}.azurecr.io"), item
            )
    finally:
        await reader.close()

    assert "AcrPush" in refused.value.remedy
    assert f"crane copy {source.name}.azurecr.io/app@{item.digest}" in refused.value.remedy


async def test_a_part_that_hides_from_lists_is_no_missing_part(factory: RegistryFactory) -> None:
    """An index of which a part has listEnabled=false is whole: the part is asked for by its digest."""
    source, item, [first, second] = await indexed(factory, 2, "1")
    await factory.plane(source).set_attributes("app", second, Attributes(list_enabled=False))

    (repository,) = (await list_content(factory.plane(source), Selection())).repositories

    assert {manifest.digest for manifest in repository.manifests} == {item.digest, first, second}
