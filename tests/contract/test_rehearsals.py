"""Resources that a rehearsal makes around its relocation, over the real SDK: recorded before, removed after."""

import pytest

from acr_relocate.azure.changes import rehearsals
from acr_relocate.azure.changes.rehearsal_trials import put_locks
from acr_relocate.azure.changes.rehearsals import RehearsalGate
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.content.synthetic import push_artifacts, wait_until_listed
from acr_relocate.core.errors import AlreadyExists, OutsideRehearsal, PolicyViolation
from acr_relocate.core.rehearsal.artifacts import kinds_held, synthetic_artifacts
from acr_relocate.core.rehearsal.connected import source_locks
from acr_relocate.core.rehearsal.rehearsal import Rehearsal
from acr_relocate.core.request.selection import Selection
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory
from tests.unit.rehearsal.rehearsal_examples import rehearsal

TAGS = {"owner": "platform-team"}
REGISTRY = "Microsoft.ContainerRegistry/registries"


def plant(emulator: Emulator, resource_id: str, made: Rehearsal | None) -> None:
    """A registry, with the tags of a rehearsal or without."""
    emulator.plant(
        resource_id,
        type=REGISTRY,
        name=resource_id.rpartition("/")[2],
        location="westeurope",
        sku={"name": "Basic", "tier": "Basic"},
        tags=made.tags if made else {},
        properties={"loginServer": f"{resource_id.rpartition('/')[2]}.azurecr.io", "provisioningState": "Succeeded"},
    )


def left(emulator: Emulator, made: Rehearsal) -> list[str]:
    """The groups and registries that are there of a rehearsal."""
    held = {one["id"].lower() for one in emulator.resources()}
    return [one for one in (made.target_group, made.source_group, *made.resources) if one.lower() in held]


async def test_it_is_recorded_before_anything_is_made_and_found_by_that(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """Both groups with tag and expiry; again is the same; then all of it goes."""
    made = rehearsal(id="00000001")

    await rehearsals.record(azure, made, TAGS)
    await rehearsals.record(azure, made, TAGS)
    plant(emulator, made.small_source, made)
    plant(emulator, made.small_target, made)
    found = await rehearsals.find_rehearsals(azure)
    cleaned = await rehearsals.clean(azure, made)
    again = await rehearsals.clean(azure, made)

    assert found == (made,)
    assert [one.kind for one in cleaned] == ["removed", "removed", "already_there", "removed", "removed"]
    assert left(emulator, made) == []
    assert {one.kind for one in again} == {"already_there"}
    assert await rehearsals.find_rehearsals(azure) == ()


async def test_killed_before_its_record_it_is_found_by_its_group(azure: AzureConnection, emulator: Emulator) -> None:
    """The first group is made in one call with its tags, and nothing else is there yet."""
    made = rehearsal(id="00000002")
    emulator.plant(
        made.source_group, location="westeurope", tags=made.tags, properties={"provisioningState": "Succeeded"}
    )

    [found] = await rehearsals.find_rehearsals(azure)
    await rehearsals.clean(azure, found)

    assert found.source_group == made.source_group
    assert left(emulator, made) == []


async def test_what_others_put_there_stays(azure: AzureConnection, emulator: Emulator) -> None:
    """A registry of the same name without the tag, another in the group; and the groups that they are in."""
    made = rehearsal(id="00000003")
    await rehearsals.record(azure, made, TAGS)
    plant(emulator, made.small_source, made)
    theirs = f"{made.target_group}/providers/{REGISTRY}/theirregistry"
    plant(emulator, theirs, made)

    cleaned = await rehearsals.clean(azure, made)

    kept = {one.subject: one.reason for one in cleaned if one.kind == "skipped"}
    assert left(emulator, made) == [made.target_group]
    assert kept == {made.target_group.rpartition("/")[2]: "it holds what others put there: theirregistry"}
    emulator.uproot(theirs)
    plant(emulator, made.small_target, None)
    [skipped, *_] = await rehearsals.clean(azure, made)
    assert (skipped.kind, left(emulator, made)) == ("skipped", [made.target_group, made.small_target])
    emulator.uproot(made.target_group)


async def test_the_record_stays_as_long_as_something_could_not_be_removed(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """Also if that is only the other group: a later attempt finds it."""
    made = rehearsal(id="00000006")
    await rehearsals.record(azure, made, TAGS)
    emulator.arm_fault("stops-at-write", write=f"DELETE {made.target_group}")

    [*_, refused] = await rehearsals.clean(azure, made)

    assert refused.kind == "failed"
    assert await rehearsals.find_rehearsals(azure) == (made,)
    await rehearsals.clean(azure, made)
    assert left(emulator, made) == []


async def test_what_forbids_and_outlasts_a_deletion_goes_first(azure: AzureConnection, emulator: Emulator) -> None:
    """Locks of both registries and a diagnostic setting, by their names; a lock of others stays, and what it keeps."""
    made = rehearsal(id="00000007", locks=("CanNotDelete", "ReadOnly"), settings=1, endpoints=1)
    await rehearsals.record(azure, made, TAGS)
    plant(emulator, made.small_source, made)
    plant(emulator, made.small_target, made)
    for lock in made.extensions[:4]:
        emulator.plant(lock, properties={"level": "CanNotDelete"})
    emulator.plant(made.diagnostic_settings[0], properties={"workspaceId": "logs"})
    [interface] = made.interfaces
    emulator.plant(interface, type="Microsoft.Network/networkInterfaces", name="x", location="northeurope")
    theirs = f"{made.small_source}/providers/Microsoft.Authorization/locks/theirs"
    emulator.plant(theirs, properties={"level": "CanNotDelete"})

    kept = await rehearsals.clean(azure, made)
    emulator.uproot(theirs)
    cleaned = await rehearsals.clean(azure, made)

    assert [one.kind for one in kept[:5]] == ["removed"] * 5
    assert [one.failure.code for one in kept if one.failure] == ["ScopeLocked"]
    assert {one.kind for one in cleaned} == {"already_there", "removed"}
    assert left(emulator, made) == []


async def test_a_lock_at_a_registry_without_the_tag_stays(azure: AzureConnection, emulator: Emulator) -> None:
    """A lock has no tag of its own: the registry's tells whose it is."""
    made = rehearsal(id="00000008", locks=("ReadOnly",))
    await rehearsals.record(azure, made, TAGS)
    plant(emulator, made.small_source, None)
    [_, lock] = made.extensions
    emulator.plant(lock, properties={"level": "ReadOnly"})

    cleaned = await rehearsals.clean(azure, made)

    assert [one.kind for one in cleaned[:2]] == ["already_there", "skipped"]
    assert lock.lower() in {one["id"].lower() for one in emulator.resources()}
    emulator.uproot(lock)
    emulator.uproot(made.source_group)
    emulator.uproot(made.target_group)


async def test_a_refused_lock_is_told(azure: AzureConnection, emulator: Emulator) -> None:
    """As an outcome: the rehearsal goes on without it. Another attempt makes it."""
    made = rehearsal(id="00000009", locks=("ReadOnly",))
    await rehearsals.record(azure, made, TAGS)
    plant(emulator, made.small_source, made)
    emulator.arm_fault("deny-assignment", method="PUT", path="/locks/", times=1)

    [denied] = await put_locks(azure, made, source_locks(made))
    [locked] = await put_locks(azure, made, source_locks(made))

    assert denied.failure is not None
    assert (denied.kind, locked.kind) == ("failed", "created")
    await rehearsals.clean(azure, made)
    assert left(emulator, made) == []


async def test_a_group_of_that_name_that_is_not_ours_is_not_taken(azure: AzureConnection, emulator: Emulator) -> None:
    """Nothing is written to it."""
    made = rehearsal(id="00000004")
    emulator.plant(made.source_group, location="westeurope", properties={"provisioningState": "Succeeded"})

    with pytest.raises(AlreadyExists):
        await rehearsals.record(azure, made, TAGS)

    assert {one.kind for one in await rehearsals.clean(azure, made)} == {"already_there", "skipped"}
    assert left(emulator, made) == [made.source_group]
    emulator.uproot(made.source_group)


async def test_its_groups_have_the_tags_of_the_source(azure: AzureConnection, emulator: Emulator) -> None:
    """Policies ask for such; one that asks for more is told, with what to do about it."""
    made = rehearsal(id="00000005")
    emulator.arm_fault("policy-on-groups")

    with pytest.raises(PolicyViolation) as denied:
        await rehearsals.record(azure, made, TAGS)
    emulator.clear_faults()
    await rehearsals.record(azure, made, TAGS)

    groups = [one for one in emulator.resources() if one["id"] in {made.source_group, made.target_group}]
    assert [one["tags"] for one in groups] == [TAGS | made.tags] * 2
    assert "tags of contosoregistry" in denied.value.remedy
    await rehearsals.clean(azure, made)


async def test_a_write_to_anything_else_is_not_sent(
    azure: AzureConnection, emulator: Emulator, factory: RegistryFactory
) -> None:
    """Neither to Azure Resource Manager nor to a registry."""
    theirs = factory.plane(await factory.registry())
    emulator.reset_stats()
    with behind(RehearsalGate(rehearsal())):
        with pytest.raises(OutsideRehearsal):
            await azure.arm.put(f"{rehearsal().source_group}x", "2024-11-01", {"location": "x"}, doing="Writing")
        with pytest.raises(OutsideRehearsal):
            await theirs.delete("app", "v1")

    assert (emulator.stats()["writes"], emulator.stats()["registry_writes"]) == ([], [])


async def test_the_artifacts_are_what_a_registry_takes_them_for(emulator: Emulator, factory: RegistryFactory) -> None:
    """One of each kind is pushed, the large one in parts, and found to be of its kind; again changes nothing."""
    plane = factory.plane(await factory.registry())
    artifacts = synthetic_artifacts(kinds_held(None), 9 * 2**20)

    await push_artifacts(plane, artifacts)
    await push_artifacts(plane, artifacts)
    emulator.arm_fault("listing-lags", times=3)
    await wait_until_listed(plane, artifacts)

    held = await list_content(plane, Selection())
    assert kinds_held(held) == kinds_held(None)
