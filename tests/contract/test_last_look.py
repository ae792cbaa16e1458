"""The last look before a registry goes: every manifest and blob that both list is asked for where it stays."""

from collections.abc import Awaitable, Callable

import pytest

from acr_relocate.azure.changes.last_look import check_copy, look_at_rest, require_no_new_repository
from acr_relocate.azure.content.listing import list_content
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.removal.whole_copy import (
    ApprovedLoss,
    content_fingerprint,
    loss_fingerprint,
    only_in,
)
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.selection import Selection
from tests.contract.registry_factory import RegistryFactory

EVERYTHING = Selection(repositories=["*"])


class Pair:
    """Two registries with the same images, and what a person approved to lose when the first one goes."""

    def __init__(self, factory: RegistryFactory, going: RegistryRef, staying: RegistryRef, digest: str) -> None:
        self.factory, self.going, self.staying, self.digest = factory, going, staying, digest
        self.approved = ApprovedLoss(going="", staying="", contents={}, lost="")

    async def held(self) -> tuple[Content, Content]:
        going, staying = [await list_content(self.factory.plane(ref), EVERYTHING) for ref in (self.going, self.staying)]
        return going, staying

    async def approve(self) -> None:
        going, staying = await self.held()
        self.approved = ApprovedLoss(
            going=going.login_server,
            staying=staying.login_server,
            contents={one.login_server: content_fingerprint(one) for one in (going, staying)},
            lost=loss_fingerprint(only_in(going, staying)),
        )

    async def look(self) -> None:
        await look_at_rest(self.factory.azure, self.approved, EVERYTHING)

    async def part(self, which: str, *, of: str = "") -> str:
        body = await self.factory.plane(self.staying).manifest("app", of or self.digest) or {}
        return str((body["config"] if which == "config" else body["layers"][0])["digest"])


@pytest.fixture(name="pair")
async def _pair(factory: RegistryFactory) -> Pair:
    going, staying = await factory.registry(), await factory.registry("northeurope")
    digest = ""
    for ref in (going, staying):
        push = factory.pushed(ref)
        digest = await push.image("app", "v1", text="app")
        child = await push.image("app", text="part of an index")
        await push.index("app", [child], "all")
        await push.referrer("app", digest)
        await push.image("untagged", text="no tag")
    await factory.pushed(going).image("scratch", "v1", text="not selected")
    pair = Pair(factory, going, staying, digest)
    await pair.approve()
    return pair


async def test_what_is_as_it_was_approved_may_go(pair: Pair) -> None:
    """Each manifest was read, and each blob asked for, once in its repository; nothing is missing."""
    await pair.look()

    check = await check_copy(pair.factory.azure, *await pair.held())

    assert (check.manifests, check.missing, check.broken, check.unread) == (5, (), (), ())
    assert check.blobs == 7
    assert "was asked for each of the 7 blobs of 5 manifests (HEAD), and has all of them." in check.in_words("there")


@pytest.mark.parametrize("which", ["config", "layer"])
async def test_a_blob_that_only_the_source_has_keeps_it(pair: Pair, which: str) -> None:
    """The manifest is there, its digest is right, and a pull would fail."""
    lost = await pair.part(which)
    pair.factory.emulator.lose(pair.staying.name, "app", lost)

    with pytest.raises(NotRelocated, match=f"lacks 1 part of what both registries list.*{lost} of app@{pair.digest}"):
        await pair.look()


async def test_a_blob_of_another_size_is_not_that_blob(pair: Pair) -> None:
    """A stored result that was cut is recognised without reading it."""
    pair.factory.emulator.damage(pair.staying.name, "app", await pair.part("layer"))

    with pytest.raises(NotRelocated, match="lacks 1 part"):
        await pair.look()


async def test_what_neither_registry_has_is_not_lost_by_a_deletion(pair: Pair) -> None:
    """It is broken already: named, and no obstacle."""
    lost = await pair.part("layer")
    for ref in (pair.going, pair.staying):
        pair.factory.emulator.lose(ref.name, "app", lost)

    check = await check_copy(pair.factory.azure, *await pair.held())

    assert [part.digest for part in check.broken] == [lost]
    assert check.missing == ()


Change = Callable[[Pair], Awaitable[object]]
CHANGES: dict[str, Change] = {
    "a new tag": lambda pair: pair.factory.pushed(pair.going).image("app", "v2", text="two"),
    "a tag that moves": lambda pair: pair.factory.pushed(pair.going).image("app", "v1", text="other"),
    "an image without a tag": lambda pair: pair.factory.pushed(pair.going).image("app", text="other"),
    "a new repository": lambda pair: pair.factory.pushed(pair.going).image("new", "v1", text="new"),
    "more that would be lost": lambda pair: pair.factory.pushed(pair.going).image("scratch", "v2", text="two"),
    "a tag deleted where it stays": lambda pair: pair.factory.plane(pair.staying).delete("app", "v1"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_changed_since_the_approval_is_seen(pair: Pair, change: str) -> None:
    """Content is compared by digest and tag, in both registries."""
    await CHANGES[change](pair)

    with pytest.raises(NotRelocated, match="changed since the deletion") as error:
        await pair.look()

    assert error.value.code == "ChangedSinceApproval"


async def test_a_repository_that_came_after_the_last_look_is_seen(pair: Pair) -> None:
    """No lock can forbid it, because a lock needs a repository."""
    await pair.factory.pushed(pair.going).image("brand/new", "v1", text="new")

    with pytest.raises(NotRelocated, match="brand/new was pushed"):
        await require_no_new_repository(
            pair.factory.azure, f"{pair.going.name}.azurecr.io", frozenset({"app", "untagged", "scratch"})
        )


async def test_a_renamed_copy_is_asked_for_under_its_own_names(factory: RegistryFactory) -> None:
    """It is there under the other name, and app there is somebody else's; a blob that is lost keeps the source."""
    going, staying = await factory.registry(), await factory.registry("northeurope")
    digest = await factory.pushed(going).image("app", "v1", text="app")
    await factory.pushed(staying).image("core/app", "v1", text="app")
    await factory.pushed(staying).image("app", "v1", text="somebody else's")
    names = RenameMap(rules={"app": "core/app"}).knowing(["app"])
    plane = factory.azure.data_plane(factory.plane(staying).login_server, names)
    here, there = await list_content(factory.plane(going), EVERYTHING), await list_content(plane, EVERYTHING)
    approved = ApprovedLoss(
        going=here.login_server,
        staying=there.login_server,
        contents={one.login_server: content_fingerprint(one) for one in (here, there)},
        lost=loss_fingerprint(()),
        names=names,
    )
    layer = ((await plane.manifest("app", digest)) or {})["layers"][0]["digest"]

    check = await look_at_rest(factory.azure, approved, EVERYTHING)
    factory.emulator.lose(staying.name, "core/app", layer)

    assert only_in(here, there) == ()
    assert {one.name for one in there.repositories} == {"app", "target:app"}
    assert (check.manifests, check.blobs, check.missing) == (1, 2, ())
    with pytest.raises(NotRelocated, match="lacks 1 part"):
        await look_at_rest(factory.azure, approved, EVERYTHING)
