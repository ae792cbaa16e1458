"""Exclusive use of a run's registries, on any machine: leases in Azure, independent of the Prefect server.

Facts that were read hold only while no other run changes them: a run that begins waits until no claim lives; a run that
then writes claims first (acr_relocate/azure/changes/registry_lease.py). A run without writes claims nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from acr_relocate.azure.changes.registry_lease import LeaseGate, RegistryLease
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.core.registry.lease import RENEWAL_SECONDS, SeenClaim
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure

_LOOK_SECONDS = 5.0
GIVE_UP_SECONDS = 20.0
log = logging.getLogger(__name__)


@asynccontextmanager
async def registry_lease(
    request: RelocationRequest, holder: str, tell: Callable[[str], None], *, leaves_trace: bool = True
) -> AsyncIterator[None]:
    """Wait until no other run has the registries; in the block, claim each before the first write to it.

    Args:
        request: The registries.
        holder: The name of this run, for the people who wait.
        tell: Called with a sentence for each run that is waited for.
        leaves_trace: Whether an ended claim may stay in the target's resource group.

    """
    async with azure() as connection:
        source = RegistryLease(connection, request.source.resource_id, holder, leaves_trace=False)
        target = RegistryLease(connection, request.target_id, holder, leaves_trace=leaves_trace)
        both = (source, target)
        await _wait(both, tell)
        keeper = asyncio.create_task(_keep(both))
        try:
            with behind(LeaseGate(request.source.resource_id, source, target)):
                yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])
            await _give_up(both)


async def _wait(leases: tuple[RegistryLease, ...], tell: Callable[[str], None]) -> None:
    told: set[str] = set()
    while claims := [claim for claim in [await each.look() for each in leases] if claim]:
        for claim in claims:
            if claim.id not in told:
                told.add(claim.id)
                tell(_words(claim))
        await asyncio.sleep(_LOOK_SECONDS)


def _words(claim: SeenClaim) -> str:
    group = ResourceId(claim.id).group
    who = claim.claim.holder or "another run"
    return f"waiting for {who}, which has claimed a registry in {group}, last {claim.age:.0f} s ago"


async def _keep(leases: tuple[RegistryLease, ...]) -> None:
    while True:
        await asyncio.sleep(RENEWAL_SECONDS)
        for each in leases:
            try:
                await each.renew()
            except Exception as error:  # noqa: BLE001 - Azure comes back; the lease is claimed again before the next write
                log.warning("A lease could not be renewed: %s", error)


async def _give_up(leases: tuple[RegistryLease, ...]) -> None:
    for each in leases:
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await each.give_up()
        except Exception as error:  # noqa: BLE001 - the work is done, and the claim expires
            log.warning("A lease could not be released and will expire: %s", error)
