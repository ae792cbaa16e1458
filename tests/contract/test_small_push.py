"""Missing tags and small artifacts over the data plane: what arrives, what is left alone, and what a race does."""

import json
import random

import pytest

from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.content.small_push import PushState, push_batch
from acr_relocate.core import errors
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.request.registry_refs import RegistryRef
from tests.contract.registry_factory import RegistryFactory
from tests.support.role_holders import hire, operating


async def push(
    factory: RegistryFactory, source: RegistryRef, target: RegistryRef, *items: ImportItem, force: bool = False
) -> list[tuple[str, str]]:
    """The kind and the reason of each outcome."""
    outcomes = await push_batch(factory.plane(source), factory.plane(target), items, {}, PushState(), force=force)
    return [(outcome.kind, outcome.reason) for outcome in outcomes]


async def test_a_referrer_arrives_with_its_blobs_and_its_digest(factory: RegistryFactory) -> None:
    """Byte for byte, found by its subject; a second push writes nothing."""
    source, target = await factory.registry(), await factory.registry()
    image = await factory.pushed(source).image("app", "1")
    sbom = await factory.pushed(source).referrer("app", image)
    item = ImportItem(repository="app", digest=sbom)

    assert await push(factory, source, target, item) == [("created", "")]

    here, there = factory.plane(source), factory.plane(target)
    assert await there.raw_manifest("app", sbom) == await here.raw_manifest("app", sbom)
    assert [entry["digest"] for entry in await there.referrers("app", image)] == [sbom]
    written = factory.emulator.stats()["registry_writes"]
    assert await push(factory, source, target, item) == [("already_there", "")]
    assert factory.emulator.stats()["registry_writes"] == written


async def test_artifacts_of_a_repository_that_come_at_once_bring_their_config_once(factory: RegistryFactory) -> None:
    """Their layer is the same blob here: one upload."""
    source, target = await factory.registry(), await factory.registry()
    image = await factory.pushed(source).image("app", "1")
    sboms = [
        await factory.pushed(source).referrer("app", image, annotations={"of": f"{number}"}) for number in range(20)
    ]
    items = [ImportItem(repository="app", digest=sbom) for sbom in sboms]
    factory.emulator.reset_stats()

    assert await push(factory, source, target, *items) == [("created", "")] * 20

    written = factory.emulator.stats()["registry_writes"]
    assert [path.partition("/uploads/")[1] for path in written].count("/uploads/") == 1


async def test_the_missing_tag_of_a_platform_is_put(factory: RegistryFactory) -> None:
    """From the target's own bytes: nothing is read at the source."""
    source, target = await factory.registry(), await factory.registry()
    there = await factory.pushed(target).image("app", "1")
    item = ImportItem(repository="app", digest=there, tags=("1", "1-arm64", "arm64"), carrier="sha256:index")

    assert await push(factory, source, target, item) == [("created", "")]

    assert {tag["name"]: tag["digest"] async for tag in factory.plane(target).tags("app")} == dict.fromkeys(
        ("1", "1-arm64", "arm64"), there
    )


async def test_what_has_not_arrived_is_a_failure_of_that_item_alone(factory: RegistryFactory) -> None:
    """It is imported then; the others are pushed."""
    source, target = await factory.registry(), await factory.registry()
    gone = ImportItem(repository="app", digest=f"sha256:{'0' * 64}", tags=("arm64",), carrier="sha256:index")
    sbom = await factory.pushed(source).referrer("app", await factory.pushed(source).image("app", "1"))

    outcomes = await push(factory, source, target, gone, ImportItem(repository="app", digest=sbom))

    assert [kind for kind, _ in outcomes] == ["failed", "created"]


async def test_a_tag_that_names_something_else_is_left_alone(factory: RegistryFactory) -> None:
    """A conflict for a person; a digest that we brought earlier, or force, lets it move."""
    source, target = await factory.registry(), await factory.registry()
    ours = await factory.pushed(source).image("app", "1", text="ours")
    theirs = await factory.pushed(target).image("app", "1", text="theirs")
    item = ImportItem(repository="app", digest=ours, tags=("1",))

    assert await push(factory, source, target, item) == [("failed", "conflict")]
    assert await factory.plane(target).head_digest("app", "1") == theirs

    follows = ImportItem(repository="app", digest=ours, tags=("1",), replaces=(("1", theirs),))
    assert await push(factory, source, target, follows) == [("created", "")]
    assert await push(factory, target, target, ImportItem(repository="app", digest=theirs, tags=("1",)), force=True)
    assert await factory.plane(target).head_digest("app", "1") == theirs


async def test_a_locked_tag_is_a_failure(factory: RegistryFactory) -> None:
    """It is not moved, and the import that follows says why."""
    source, target = await factory.registry(), await factory.registry()
    there = await factory.pushed(target).image("app", "1")
    await factory.plane(target).set_attributes("app", "", Attributes(write_enabled=False))

    outcomes = await push(
        factory, source, target, ImportItem(repository="app", digest=there, tags=("2",), carrier=there)
    )

    assert outcomes[0][0] == "failed"


async def test_bytes_that_are_not_the_blobs_are_not_pushed(factory: RegistryFactory) -> None:
    """A source with a damaged blob leaves the target without the artifact."""
    source, target = await factory.registry(), await factory.registry()
    image = await factory.pushed(source).image("app", "1")

    manifest = await factory.plane(source).raw_manifest("app", image)
    assert manifest
    factory.emulator.damage(source.name, "app", json.loads(manifest.content)["layers"][0]["digest"])

    outcomes = await push(factory, source, target, ImportItem(repository="app", digest=image, tags=("1",)))

    assert outcomes == [("failed", "unavailable")]
    assert await factory.plane(target).head_digest("app", image) is None


async def test_without_the_right_to_push_it_is_said_once(factory: RegistryFactory) -> None:
    """For the whole batch: every other item would be refused as well. The role to plan only reads."""
    source, target = await factory.registry(), await factory.registry()
    image = await factory.pushed(source).image("app", "1")
    await hire(factory.azure, "plan", source.resource_id, target.resource_id)
    item = ImportItem(repository="app", digest=image, tags=("1",))

    async with operating() as azure:
        here, there = (azure.data_plane(f"{ref.name}.azurecr.io") for ref in (source, target))
        assert await here.raw_manifest("app", image)
        with pytest.raises(errors.AccessDenied):
            await push_batch(here, there, [item], {}, PushState(), force=False)


@pytest.mark.parametrize("moment", ["between look and put", "after the put"])
async def test_a_push_of_somebody_else_in_that_moment_is_reported(
    factory: RegistryFactory, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A tag may be lost between look and put, and its image is named; one that comes later is left alone."""
    source, target = await factory.registry(), await factory.registry()
    ours = await factory.pushed(source).image("app", "1", text="ours")
    put, theirs = DataPlane.put_manifest, list[str]()

    async def late(self: DataPlane, name: str, reference: str, manifest: RawManifest) -> None:
        if moment == "after the put":
            await put(self, name, reference, manifest)
        theirs.append(await factory.pushed(target).image("app", "1", text=f"theirs {random.random()}"))
        if moment != "after the put":
            await put(self, name, reference, manifest)

    monkeypatch.setattr(DataPlane, "put_manifest", late)

    item = ImportItem(repository="app", digest=ours, tags=("1",))
    [outcome] = await push_batch(factory.plane(source), factory.plane(target), [item], {}, PushState(), force=False)

    assert outcome.reason == "conflict"
    assert _message(outcome).count(theirs[0]) == 1
    assert await factory.plane(target).head_digest("app", theirs[0]) == theirs[0]
    kept = theirs[0] if moment == "after the put" else ours
    assert await factory.plane(target).head_digest("app", "1") == kept


async def test_only_the_tag_that_was_lost_is_a_conflict(
    factory: RegistryFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the others that were pushed to the repository with it."""
    source, target = await factory.registry(), await factory.registry()
    ours = await factory.pushed(target).image("app", "1", text="ours")
    put = DataPlane.put_manifest

    async def late(self: DataPlane, name: str, reference: str, manifest: RawManifest) -> None:
        if reference == "lost":
            await factory.pushed(target).image("app", "lost", text="theirs")
        await put(self, name, reference, manifest)

    monkeypatch.setattr(DataPlane, "put_manifest", late)
    await factory.pushed(source).image("app", "1", text="ours")
    items = [ImportItem(repository="app", digest=ours, tags=(tag,), carrier=ours) for tag in ("kept", "lost")]

    assert await push(factory, source, target, *items) == [("created", ""), ("failed", "conflict")]


async def test_a_tag_that_is_gone_after_its_push_is_a_failure(
    factory: RegistryFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody deleted it in that moment: the import that follows brings it again."""
    source, target = await factory.registry(), await factory.registry()
    image = await factory.pushed(source).image("app", "1")
    put = DataPlane.put_manifest

    async def deleted(self: DataPlane, name: str, reference: str, manifest: RawManifest) -> None:
        await put(self, name, reference, manifest)
        await self.delete(name, reference)

    monkeypatch.setattr(DataPlane, "put_manifest", deleted)

    outcomes = await push(factory, source, target, ImportItem(repository="app", digest=image, tags=("1",)))

    assert outcomes == [("failed", "unavailable")]


def _message(outcome: ImportOutcome) -> str:
    assert outcome.failure
    return outcome.failure.message
