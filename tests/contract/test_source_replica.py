"""A replica of the source over the real SDK: made, followed until it is ready, removed if it is ours."""

import pytest

from acr_relocate.azure.changes import source_replica as replicas
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.content.source_replica import SourceReplica
from acr_relocate.core.errors import AccessDenied
from acr_relocate.core.registry.resource_types import STABLE
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

REGION = "northeurope"


async def replica_of(factory: RegistryFactory) -> SourceReplica:
    """A replica of a new Premium registry."""
    registry = await factory.registry()
    return SourceReplica(registry_id=registry.resource_id.lower(), location=REGION)


async def is_there(azure: AzureConnection, replica: SourceReplica) -> bool:
    """Return whether Azure has the replica."""
    return await azure.arm.find(replica.id, STABLE, doing="Looking") is not None


async def test_it_is_followed_until_it_is_ready(
    azure: AzureConnection, factory: RegistryFactory, emulator: Emulator
) -> None:
    """Azure shows it as Syncing first; making it a second time changes nothing."""
    replica = await replica_of(factory)
    emulator.arm_fault("replica-syncs", region=REGION, times=3)

    await replicas.make_replica(azure, replica)
    seen = [await replicas.replica_status(azure, replica) for _ in range(4)]
    await replicas.make_replica(azure, replica)

    assert {status.words for status in seen if not status.is_ready} == {"Syncing"}
    assert seen[-1].is_ready
    assert await is_there(azure, replica)


async def test_only_our_own_is_removed(azure: AzureConnection, factory: RegistryFactory) -> None:
    """One that somebody else made in the same region stays, whatever a record says."""
    ours, theirs = await replica_of(factory), await replica_of(factory)
    await replicas.make_replica(azure, ours)
    await azure.arm.put(theirs.id, STABLE, {"location": REGION, "properties": {}}, doing="Making")

    for replica in (ours, theirs):
        await replicas.remove_replica(azure, replica)
        await replicas.remove_replica(azure, replica)

    assert not await is_there(azure, ours)
    assert await is_there(azure, theirs)


async def test_a_refusal_has_azures_reason(
    azure: AzureConnection, factory: RegistryFactory, emulator: Emulator
) -> None:
    """A policy or a deny assignment that forbids it; nothing is there afterwards."""
    replica = await replica_of(factory)
    emulator.arm_fault("deny-assignment", path="/replications/", times=1)

    with pytest.raises(AccessDenied):
        await replicas.make_replica(azure, replica)

    assert not await is_there(azure, replica)
