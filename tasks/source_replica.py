"""A replica of the source in the target's region, for as long as the imports take.

It is recorded in Azure before it is made, so that a later run removes it, from any machine. Imports do not need it: if
Azure refuses it, they read from the source's own region.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from prefect import get_run_logger, task

from acr_relocate.azure.changes import source_replica as replicas
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.core.checks.source_replica import replica_obstacle
from acr_relocate.core.content import import_ledger
from acr_relocate.core.content.selection import selected_content
from acr_relocate.core.content.source_replica import SourceReplica, replica_for, wants_replica
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.restore_record import StoredRecord
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import duration, size
from tasks.connection import azure
from tasks.evidence import read_locks
from tasks.imports.ledger import read_ledger
from tasks.inventory import list_content, read_registry
from tasks.retry_policies import WRITE
from tasks.runs.restore_records import delete_record, pending_restores, run_name, save_record
from tasks.runs.run_report import RunReport
from tasks.source_freeze import run_uncancelled

REPLICA_PHASE: Final = "replica"
_LONGEST_WAIT: Final = 60.0


@asynccontextmanager
async def near_source(request: RelocationRequest, log: RunReport) -> AsyncIterator[None]:
    """Have a replica of the source in the target's region while the block runs, if the request wants one.

    Removed afterwards in any case, if this or an earlier run of ours made it; after a kill by the next run.
    """
    if not request.via_replica:
        yield
        return
    async with azure():  # outlives every failure inside, so that the removal has an open connection
        async with log.phase(REPLICA_PHASE):
            made = await _made_replicas(request, log)
        try:
            yield
        finally:
            with behind(None):  # our replica is removed, with or without the lease
                for record, replica in made:
                    await run_uncancelled(undo_replica(record, replica))


async def undo_replica(record: StoredRecord, replica: SourceReplica) -> None:
    """Remove the recorded replica, then delete the record.

    Again: nothing is left to do. On failure: the record stays, and the next run tries again.
    """
    async with azure() as connection:
        await replicas.remove_replica(connection, replica)
    await delete_record(record)


@task(name="replicate-source", task_run_name="replicate-source-to-{replica.location}", **WRITE)
async def replicate_source(replica: SourceReplica) -> str:
    """Make the replica and wait until it has all that the source holds. Return Azure's last words about it.

    Again: the same replica is waited for. On failure: it may be there; its record is in Azure.
    """
    async with azure() as connection:
        await replicas.make_replica(connection, replica)
        status, wait = await replicas.replica_status(connection, replica), 1.0
        while not status.is_ready:
            get_run_logger().info("The replica in %s is not ready: %s.", replica.location, status.words or "no status")
            await asyncio.sleep(wait)
            before, wait = status, min(wait * 2, _LONGEST_WAIT)
            status = await replicas.replica_status(connection, replica)
            wait = 1.0 if status.words != before.words else wait
        return status.words


async def _made_replicas(request: RelocationRequest, log: RunReport) -> list[tuple[StoredRecord, SourceReplica]]:
    """Return our replicas of the source, of this run or of killed ones, with their records."""
    source = await read_registry(request.source)
    if reason := replica_obstacle(request, source, await read_locks((source.id,))):
        log.say(f"none, because {reason}", nothing_to_do=True)
        return []
    made = await pending_restores(request, SourceReplica)
    if made:
        log.say("an earlier run's", nothing_to_do=True)
        return made
    missing, everything = await _sizes(request, source)
    if not wants_replica(request, source, missing, everything):
        log.say(f"not needed for {size(missing)}", nothing_to_do=True)
        return []
    replica = replica_for(request, source, await run_name())
    began = asyncio.get_running_loop().time()
    try:
        made.append((await save_record(request, replica), replica))
        await replicate_source(replica)
    except RelocationError as error:
        log.found((_refused(error, replica),))
        log.say("refused; the imports read from the source's region")
    else:
        log.say(f"{replica.location}, ready after {duration(asyncio.get_running_loop().time() - began)}")
    return made


async def _sizes(request: RelocationRequest, source: Registry) -> tuple[int, int]:
    """Return the bytes that the target lacks and those of the selected content."""
    target = await read_registry(target_ref(request))
    want, have = await asyncio.gather(
        list_content(source.login_server, request), list_content(target.login_server, request)
    )
    needed = import_ledger.needed_by(request, want, have, await read_ledger(request))
    return needed.size_bytes, selected_content(want, request.selection).size_bytes


def _refused(error: RelocationError, replica: SourceReplica) -> Finding:
    message = f"The source has no replica in {replica.location} for the imports: {error.message}"
    return Finding(
        code="replica_refused", severity="warning", message=message, remedy=error.remedy, resource=replica.id
    )
