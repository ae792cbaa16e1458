"""One run at a time on a registry, wherever it runs: the lease in Azure, over the real SDK."""

import pytest

from acr_relocate.azure.changes.registry_lease import LeaseGate, PartGate, RegistryLease
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.resources.deployments import ensure_resource_group
from acr_relocate.core.errors import RegistryBusy
from acr_relocate.core.registry import lease as leases
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.registry.lease import is_claim
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory
from tests.support.lease_races import LAG, races

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"


def group_in(emulator: Emulator, name: str) -> str:
    """A resource group of a test's own."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
    emulator.plant(group, location="westeurope", properties={"provisioningState": "Succeeded"})
    return group


def lease_of(azure: AzureConnection, group: str, holder: str, *, leaves_trace: bool = True) -> RegistryLease:
    """A lease that a run wants of the one registry of the group."""
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/shop"
    wanted = RegistryLease(azure, registry, holder, leaves_trace=leaves_trace)
    wanted.settle_seconds = 0.0
    return wanted


async def test_who_comes_while_another_has_it_is_told_who(azure: AzureConnection, emulator: Emulator) -> None:
    """And has it once the other has given it up."""
    group = group_in(emulator, "lease-held")
    one, other = (lease_of(azure, group, name) for name in ("run one", "run other"))
    await one.look()
    await one.ensure()

    seen = await other.look()
    with pytest.raises(RegistryBusy, match="run one"):
        await other.ensure()
    await one.give_up()

    assert seen is not None
    assert seen.claim.holder == "run one"
    assert await lease_of(azure, group, "third").look() is None


async def test_who_looked_before_another_run_and_writes_after_it_is_refused(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """Facts that it has read may be wrong by then."""
    group = group_in(emulator, "lease-stale")
    late, quick = lease_of(azure, group, "late"), lease_of(azure, group, "quick")
    await late.look()
    await quick.look()
    await quick.ensure()
    await quick.give_up()

    with pytest.raises(RegistryBusy, match="since we looked"):
        await late.ensure()


async def test_a_claim_that_is_not_renewed_ends_by_itself(
    azure: AzureConnection, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was killed frees its registries; its remains are cleared away by the next one."""
    monkeypatch.setattr(leases, "CLAIM_SECONDS", -leases.SETTLE_SECONDS - 2.0)  # it is over as soon as it is written
    group = group_in(emulator, "lease-killed")
    killed, after = lease_of(azure, group, "killed"), lease_of(azure, group, "after", leaves_trace=False)
    await killed.look()
    await killed.ensure()

    assert await after.look() is None
    await after.ensure()
    await after.give_up()

    assert [
        one["name"] for one in emulator.resources("Microsoft.Resources/deployments") if "lease-killed" in one["id"]
    ] == []


async def test_no_write_passes_without_the_lease(
    factory: RegistryFactory, azure: AzureConnection, emulator: Emulator
) -> None:
    """Not of ARM and not of the data plane; reads pass, and so does making the group that the claim needs."""
    source = await factory.registry()
    source_id, plane = source.resource_id, factory.plane(source)
    target_id = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lease-new/providers/x/registries/y"
    held, mine, theirs = (
        RegistryLease(azure, registry_id, holder, leaves_trace=False)
        for registry_id, holder in ((source_id, "another run"), (source_id, "this run"), (target_id, "this run"))
    )
    held.settle_seconds = mine.settle_seconds = theirs.settle_seconds = 0.0
    await held.ensure()
    emulator.reset_stats()

    with behind(LeaseGate(source_id, mine, theirs)):
        assert await plane.repositories() == []
        with pytest.raises(RegistryBusy):
            await azure.arm.delete(source_id, "2025-11-01", doing="Deleting")
        with pytest.raises(RegistryBusy):
            await plane.set_attributes("app", "", Attributes())
        await ensure_resource_group(azure, SUBSCRIPTION, "lease-new", "westeurope")

    done = [write for write in emulator.stats()["writes"] if "acr-relocate-lease-" not in write]
    assert len(done) == 1
    assert "lease-new" in done[0]


async def test_a_part_of_a_run_writes_as_long_as_the_claim_of_the_run_lives(
    azure: AzureConnection, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine: once the run has ended, or was killed and its claim is old, another one may be at work."""
    group = group_in(emulator, "lease-part")
    registry_id = f"{group}/providers/Microsoft.ContainerRegistry/registries/shop"
    whole, killed = (lease_of(azure, group, name) for name in ("whole", "killed"))
    await whole.ensure()

    async def write(claim_id: str) -> None:
        with behind(PartGate(azure, registry_id, claim_id)):
            await azure.arm.delete(f"{group}/providers/Microsoft.Resources/deployments/none", "2021-04-01", doing="x")

    await write(whole.id)
    await whole.give_up()
    with pytest.raises(RegistryBusy):
        await write(whole.id)
    await killed.look()
    await killed.ensure()
    monkeypatch.setattr(leases, "OWN_SECONDS", -5.0)  # a second is as exact as the clock of an answer is
    with pytest.raises(RegistryBusy):
        await write(killed.id)
    with pytest.raises(RegistryBusy):
        await write(f"{killed.id}0")
    assert is_claim(killed.id, registry_id)
    assert not is_claim(killed.id.replace("lease-part", "other"), registry_id)
    assert not is_claim(f"{registry_id}/x", registry_id)


async def test_races_with_reads_that_lag(azure: AzureConnection, emulator: Emulator) -> None:
    """Never two at a time; `make test-races` has a thousand of them."""
    group = group_in(emulator, "lease-races")
    emulator.arm_fault("reads-lag", seconds=LAG)

    ended = await races(azure, group, 24, seed=7)

    assert ended["had it"] > 12
