"""Restore records in Azure over the real SDK: found from everywhere, believed only if they are ours."""

import pytest

from acr_relocate.azure.changes import restore_records
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.content import freeze as freezing
from acr_relocate.azure.content.listing import attributes_of
from acr_relocate.azure.resources import deployment_notes
from acr_relocate.core.content.source_freeze import FrozenRepository, SourceFreeze
from acr_relocate.core.errors import AccessDenied, RecordBroken, RelocationError
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.registry.restore_record import record_name
from acr_relocate.core.request.registry_refs import RegistryRef
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
FROZEN = Attributes(write_enabled=False, delete_enabled=False)


def group_of(emulator: Emulator, name: str, lock: str = "") -> str:
    """A resource group of a test's own, with a management lock of this level."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
    emulator.plant(group, location="westeurope", properties={"provisioningState": "Succeeded"})
    if lock:
        emulator.plant(f"{group}/providers/Microsoft.Authorization/locks/keep", properties={"level": lock})
    return group


def freeze_of(registry: RegistryRef, host: str = "", *names: str) -> SourceFreeze:
    """A freeze of these repositories."""
    return SourceFreeze(
        registry_id=registry.resource_id.lower(),
        login_server=host or f"{registry.name}.azurecr.io",
        taken_by="a last pass",
        before=tuple(FrozenRepository(repository=name) for name in names or ("app",)),
    )


async def test_a_record_is_found_until_it_is_struck(azure: AzureConnection, emulator: Emulator) -> None:
    """With Azure's time; a freeze of several thousand repositories is in several records."""
    group = group_of(emulator, "records-found")
    registry = RegistryRef(name="shopregistry", resource_group="records-found", subscription_id=SUBSCRIPTION)
    freeze = freeze_of(registry, "", *(f"team/app{number}" for number in range(3000)))

    record = await restore_records.save_restore_record(azure, (group,), freeze)
    found = await restore_records.pending(azure, (group,), registry.resource_id.upper(), SourceFreeze)
    await restore_records.delete(azure, record)

    assert len(record.ids) == 2
    assert sorted(one.repository for _, page in found for one in page.before) == sorted(
        one.repository for one in freeze.before
    )
    assert all(each.since for each, _ in found)
    assert await restore_records.pending(azure, (group,), registry.resource_id, SourceFreeze) == []


async def test_where_the_first_group_may_not_be_written_the_second_takes_it(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """A ReadOnly lock forbids it; where neither takes it, nothing is to be changed."""
    locked, free = group_of(emulator, "records-locked", "ReadOnly"), group_of(emulator, "records-free")
    registry = RegistryRef(name="shopregistry", resource_group="records-locked", subscription_id=SUBSCRIPTION)

    record = await restore_records.save_restore_record(azure, (locked, free), freeze_of(registry))
    with pytest.raises(AccessDenied, match="Nothing was changed"):
        await restore_records.save_restore_record(azure, (locked,), freeze_of(registry))

    assert [each.startswith(free) for each in record.ids] == [True]
    assert len(await restore_records.pending(azure, (locked, free), registry.resource_id, SourceFreeze)) == 1


async def test_a_record_that_a_lock_keeps_is_emptied(azure: AzureConnection, emulator: Emulator) -> None:
    """A CanNotDelete lock lets it be written, and not be deleted."""
    group = group_of(emulator, "records-kept", "CanNotDelete")
    registry = RegistryRef(name="shopregistry", resource_group="records-kept", subscription_id=SUBSCRIPTION)

    record = await restore_records.save_restore_record(azure, (group,), freeze_of(registry))
    await restore_records.delete(azure, record)

    assert await restore_records.pending(azure, (group,), registry.resource_id, SourceFreeze) == []


@pytest.mark.parametrize("forged", [["{}"], ["x"], ["[1]"], []], ids=str)
async def test_a_forged_record_stops_the_run(azure: AzureConnection, emulator: Emulator, forged: list[str]) -> None:
    """It is told where it is; nothing is done because of it."""
    group = group_of(emulator, "records-forged")
    registry = RegistryRef(name="forgedregistry", resource_group="records-forged", subscription_id=SUBSCRIPTION)
    name = record_name("freeze", registry.resource_id, "".join(forged) or "nothing")
    note = await deployment_notes.write_note(azure, group, name, forged)
    if not forged:  # an empty record is one that was struck
        assert await restore_records.pending(azure, (group,), registry.resource_id, SourceFreeze) == []
    else:
        with pytest.raises(RecordBroken, match=name):
            await restore_records.pending(azure, (group,), registry.resource_id, SourceFreeze)
    await deployment_notes.delete_note(azure, note.id)


async def test_the_host_comes_from_azure(factory: RegistryFactory, azure: AzureConnection) -> None:
    """A record of another host makes no call there."""
    registry = await factory.registry()
    with pytest.raises(RecordBroken, match=r"evil\.example"):
        await freezing.restore_locks(azure, freeze_of(registry, "evil.example"))


async def test_one_refused_repository_keeps_no_other_locked(
    factory: RegistryFactory, azure: AzureConnection, emulator: Emulator
) -> None:
    """The message names the registry, the repository and the command."""
    registry = await factory.registry()
    plane = factory.plane(registry)
    for name in ("one", "two", "three"):
        await factory.pushed(registry).image(name, "1", text=name)
    freeze = freeze_of(registry, "", "one", "two", "three", "gone")
    await freezing.lock_repositories(azure, freeze_of(registry, "", "one", "two", "three"))
    emulator.arm_fault("stops-at-write", write="PATCH /acr/v1/two")

    with pytest.raises(RelocationError) as refused:
        await freezing.restore_locks(azure, freeze)
    emulator.clear_faults()
    left = {name: await _attributes(plane, name) for name in ("one", "two", "three")}
    await freezing.restore_locks(azure, freeze)

    assert left == {"one": Attributes(), "two": FROZEN, "three": Attributes()}
    assert f"{registry.name}.azurecr.io is still frozen: 1 of 4" in str(refused.value)
    assert "(two)" in str(refused.value)
    assert "acr-relocate thaw" in str(refused.value)
    assert await _attributes(plane, "two") == Attributes()


async def _attributes(plane: DataPlane, name: str) -> Attributes:
    found = await plane.repository(name)
    assert found is not None
    return attributes_of(found)
