"""Somebody pushes in the very moment in which a tag is pruned or moved: the image is found, and its tag given back."""

from typing import Any

import pytest

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.displaced import displaced, newest
from acr_relocate.azure.content.prune import prune
from acr_relocate.core.content.import_ledger import DeletedTag
from tests.contract.registry_factory import RegistryFactory


async def test_a_push_in_the_moment_of_a_pruning_keeps_its_tag(
    factory: RegistryFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the deletion the tag was moved: it names that image again, and the outcome says so."""
    source, target = await factory.registry(), await factory.registry()
    brought = await factory.pushed(target).image("app", "old", text="brought")
    await factory.pushed(source).image("app", "v1", text="another")
    delete_tag = DataPlane.delete
    theirs: list[str] = []

    async def late(self: DataPlane, name: str, tag: str) -> None:
        theirs.append(await factory.pushed(target).image("app", "old", text="theirs"))
        await delete_tag(self, name, tag)

    monkeypatch.setattr(DataPlane, "delete", late)

    tag = DeletedTag(repository="app", tag="old", digest=brought)
    outcome = await prune(factory.plane(source), factory.plane(target), tag)

    assert (outcome.kind, await factory.plane(target).head_digest("app", "old")) == ("skipped", theirs[0])
    assert theirs[0] in outcome.reason


async def test_a_tag_that_nobody_touches_is_pruned(factory: RegistryFactory) -> None:
    """Images from before, with or without a tag, are not new ones."""
    source, target = await factory.registry(), await factory.registry()
    await factory.pushed(target).image("app", text="no tag")
    brought = await factory.pushed(target).image("app", "old", text="brought")

    tag = DeletedTag(repository="app", tag="old", digest=brought)
    outcome = await prune(factory.plane(source), factory.plane(target), tag)

    assert (outcome.kind, await factory.plane(target).head_digest("app", "old")) == ("created", None)


async def test_what_the_source_has_is_not_displaced(factory: RegistryFactory) -> None:
    """Imports that run at the same time bring parts without tags to the same repository."""
    source, target = await factory.registry(), await factory.registry()
    planes: tuple[Any, Any] = factory.plane(source), factory.plane(target)
    await factory.pushed(target).image("app", "v1", text="first")
    before = await newest(planes[1], "app")
    for ref in (source, target):
        await factory.pushed(ref).image("app", text="part")
    theirs = await factory.pushed(target).image("app", text="theirs")

    assert await displaced(*planes, "app", before) == (theirs,)
