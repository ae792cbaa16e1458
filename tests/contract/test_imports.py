"""importImage brings a digest with all its tags, and every way in which it fails has its own error."""

import asyncio

import pytest

from acr_relocate.azure.resources import registries
from acr_relocate.core import errors
from acr_relocate.core.content.import_plan import ImportItem
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory


async def test_a_digest_arrives_with_all_its_tags(either_factory: RegistryFactory) -> None:
    """One call, answered 202 or 200; both tags name the digest at the target."""
    source, target = await either_factory.registry(), await either_factory.registry("northeurope")
    digest = await either_factory.pushed(source).image("app/web", "1", "latest")
    either_factory.emulator.reset_stats()

    item = ImportItem(repository="app/web", digest=digest, tags=("1", "latest"))
    await either_factory.bring(source, target, item)

    plane = either_factory.plane(target)
    assert {await plane.head_digest("app/web", reference) for reference in ("1", "latest", digest)} == {digest}
    assert either_factory.emulator.stats()["import_calls"] == 1


async def test_an_untagged_digest_arrives_untagged(factory: RegistryFactory) -> None:
    """An artifact without a tag has none at the target either, and is there."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app")

    await factory.bring(source, target, ImportItem(repository="app", digest=digest))

    assert await factory.plane(target).head_digest("app", digest) == digest
    assert [tag async for tag in factory.plane(target).tags("app")] == []


async def test_an_index_brings_its_children(factory: RegistryFactory) -> None:
    """All platforms travel with their index."""
    source, target = await factory.registry(), await factory.registry()
    children = [await factory.pushed(source).image("app", text=text) for text in ("amd64", "arm64")]
    index = await factory.pushed(source).index("app", children, "1")

    await factory.bring(source, target, ImportItem(repository="app", digest=index, tags=("1",)))

    arrived = {await factory.plane(target).head_digest("app", digest) for digest in (index, *children)}
    assert arrived == {index, *children}


async def test_a_tag_that_is_taken_is_already_exists(either_factory: RegistryFactory) -> None:
    """NoForce, refused at the POST or inside the operation: the same error, and the target's tag is untouched."""
    source, target = await either_factory.registry(), await either_factory.registry()
    digest = await either_factory.pushed(source).image("app", "1", text="new")
    old = await either_factory.pushed(target).image("app", "1", text="old")

    with pytest.raises(errors.AlreadyExists, match="already exists"):
        await either_factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert await either_factory.plane(target).head_digest("app", "1") == old


async def test_a_conflict_out_of_nowhere_is_already_exists(either_factory: RegistryFactory) -> None:
    """Fault conflict-on-existing-tag: somebody else was faster; digests are for the caller to compare."""
    source, target = await either_factory.registry(), await either_factory.registry()
    digest = await either_factory.pushed(source).image("app", "1")
    either_factory.emulator.arm_fault("conflict-on-existing-tag")

    with pytest.raises(errors.AlreadyExists):
        await either_factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))


async def test_force_moves_a_tag(factory: RegistryFactory) -> None:
    """Asked to, an import overwrites."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1", text="new")
    await factory.pushed(target).image("app", "1", text="old")

    await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)), force=True)

    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_a_tag_that_moves_meanwhile_changes_nothing(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault tag-moves-during-import: we import by digest, so the target gets what was planned."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1", text="planned")
    await factory.pushed(source).image("app", "other", text="moved")
    emulator.arm_fault("tag-moves-during-import")

    await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_an_import_that_hangs_times_out(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault import-hangs: its own deadline ends it, and the error says that it may still arrive."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("import-hangs")
    item = ImportItem(repository="app", digest=digest, tags=("1",))

    with pytest.raises(errors.ImportTimedOut) as caught:
        await factory.bring(source, target, item, timeout=0.3)

    assert errors.is_retryable(caught.value)


async def test_an_import_is_followed_until_it_ends(factory: RegistryFactory, emulator: Emulator) -> None:
    """Accepted, Running for as long as Azure likes, then done: the digest is there when the call returns."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("import-hangs")

    bringing = asyncio.create_task(
        factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))
    )
    while not await asyncio.to_thread(emulator.operations):
        assert not bringing.done()
    emulator.release()
    await bringing

    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_an_import_that_fails_inside_is_temporary(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault import-fails-once: a retryable error; the second attempt arrives."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("import-fails-once")
    item = ImportItem(repository="app", digest=digest, tags=("1",))

    with pytest.raises(errors.TemporaryFailure):
        await factory.bring(source, target, item)
    await factory.bring(source, target, item)

    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_an_import_throttled_inside_pauses_all_writes(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-imports (HAP429 inside a BadRequest): Throttled, and counted as a refusal for everybody."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("throttle-imports")

    with pytest.raises(errors.Throttled):
        await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert factory.azure.budgets.refusals == 1


async def test_a_500_after_acceptance_is_not_posted_again(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault import-500-after-accept: one POST only, a temporary failure, and the target has it all the same."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.reset_stats()
    emulator.arm_fault("import-500-after-accept")

    with pytest.raises(errors.TemporaryFailure):
        await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert emulator.stats()["import_calls"] == 1
    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_a_cut_connection_is_not_posted_again(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault cut-connection at the POST: whether Azure began is unknown, so the caller has to look."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("cut-connection", path="importImage", times="always")

    with pytest.raises(errors.TemporaryFailure):
        await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert emulator.faults()["cut-connection"]["taken"] == 1


async def test_a_throttled_post_is_repeated(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-arm: a 429 had no effect, so posting again is harmless and needs no person."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("throttle-arm", retry_after=0.02)

    await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert await factory.plane(target).head_digest("app", "1") == digest


async def test_a_digest_that_is_gone_is_not_found(factory: RegistryFactory) -> None:
    """Deleted between listing and import: a permanent error that names it."""
    source, target = await factory.registry(), await factory.registry()
    await factory.pushed(source).image("app", "1")
    item = ImportItem(repository="app", digest=f"sha256:{'0' * 64}", tags=("2",))

    with pytest.raises((errors.NotFound, errors.ImportRefused)) as caught:
        await factory.bring(source, target, item)

    assert not errors.is_retryable(caught.value)


async def test_more_than_fifty_manifests_are_refused(factory: RegistryFactory) -> None:
    """Azure's own limit: permanent, with Azure's reason."""
    source, target = await factory.registry(), await factory.registry()
    children = [await factory.pushed(source).image("app", text=f"{number}") for number in range(51)]
    index = await factory.pushed(source).index("app", children, "1")

    with pytest.raises(errors.ImportRefused):
        await factory.bring(source, target, ImportItem(repository="app", digest=index, tags=("1",)))


async def test_a_refusal_inside_an_import_holds_all_others_back(
    factory: RegistryFactory, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HAP429: the next call waits for the registry to recover; no call is made meanwhile."""
    monkeypatch.setattr(registries, "THROTTLED_IMPORT_PAUSE", 3600)
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    item = ImportItem(repository="app", digest=digest, tags=("1",))
    emulator.arm_fault("throttle-imports")
    emulator.reset_stats()

    with pytest.raises(errors.Throttled):
        await factory.bring(source, target, item)
    others = [asyncio.create_task(factory.bring(source, target, item)) for _ in range(3)]
    await factory.plane(target).head_digest("app", "1")

    assert emulator.stats()["import_calls"] == 1
    for other in others:
        other.cancel()
    await asyncio.wait(others)


async def test_a_refusal_of_arm_holds_all_others_back(factory: RegistryFactory, emulator: Emulator) -> None:
    """429 with a Retry-After: no import of the subscription is asked for before it is over."""
    source, target = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    item = ImportItem(repository="app", digest=digest, tags=("1",))
    emulator.arm_fault("throttle-arm", times=1, retry_after=3600)
    emulator.reset_stats()

    with pytest.raises(errors.Throttled):
        await factory.bring(source, target, item)
    others = [asyncio.create_task(factory.bring(source, target, item)) for _ in range(3)]
    await factory.plane(target).head_digest("app", "1")

    assert emulator.stats()["import_calls"] == 1
    for other in others:
        other.cancel()
    await asyncio.wait(others)
