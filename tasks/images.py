"""Import images: one importImage call for each digest, then the attributes that it does not carry."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prefect import task
from prefect.runtime import task_run

from acr_relocate.azure.content.displaced import conflict, displaced, newest
from acr_relocate.azure.content.push import push_manifest
from acr_relocate.azure.content.source_parts import bring_by_parts, explained
from acr_relocate.azure.resources import registries
from acr_relocate.core.content import remaining_import
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.locks import AttributeChange
from acr_relocate.core.errors import AlreadyExists, BlobCopyFailed, BrokenAtSource, ImportTimedOut, TooManyManifests
from acr_relocate.core.outcomes import OutcomeKind
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import AzureConnection, azure
from tasks.retry_policies import IMPORT, WRITE

SECONDS_PER_MINUTE = 60.0


@task(name="import-artifact", task_run_name="import-{item.title}", **IMPORT)
async def import_artifact(
    request: RelocationRequest, login_server: str, item: ImportItem, source: str
) -> ImportOutcome:
    """Import the digest from the host `source` to the target (at `login_server`) under all the item's tags.

    An index that is too large for Azure is imported by its parts.

    Again: Azure refuses existing tags; the target is read, and tags with this digest count as success.
    On failure: the target has all of the artifact or nothing of it; its existing tags are unchanged.
    """
    async with azure() as connection:
        kind: OutcomeKind = "created"
        rest: ImportItem | None = item
        # The last attempt may have succeeded although its answer was lost. And a tag to replace may have been moved by
        # somebody else since it was listed.
        before = await _newest(connection, request, login_server, item)
        if task_run.run_count > 1 or item.replaces:
            rest = await _remaining(connection, request, login_server, item)
        try:
            await _import(connection, request, rest, login_server, source)
        except (AlreadyExists, ImportTimedOut):
            rest = await _remaining(connection, request, login_server, item)
            if rest == item:
                raise
            await _import(connection, request, rest, login_server, source)
            kind = "already_there"
        await _require_nothing_displaced(connection, request, login_server, item, before)
    return ImportOutcome(item=item, kind=kind, attempts=task_run.run_count)


@task(name="push-index", task_run_name="push-{item.title}", **IMPORT)
async def push_index(request: RelocationRequest, login_server: str, item: ImportItem, source: str) -> ImportOutcome:
    """Push an index that no import takes to the target (at `login_server`), under all its tags; its parts exist there.

    Byte for byte as at the host `source`, so that it has the same digest.

    Again: the target is read first, and only missing content is pushed. On failure: some of the tags may be missing.
    """
    async with azure() as connection:
        rest = await _remaining(connection, request, login_server, item)
        if rest:
            there = connection.data_plane(login_server, request.names)
            await push_manifest(connection.data_plane(source), there, rest)
    return ImportOutcome(item=item, kind="created" if rest else "already_there", attempts=task_run.run_count)


@task(name="set-attributes", task_run_name="set-attributes-of-{change.label}", **WRITE)
async def set_attributes(login_server: str, names: RenameMap, change: AttributeChange) -> None:
    """Set the source's lock attributes on the target's repository, tag or manifest. `names`: the repositories there.

    Again: the same call with the same effect; unnecessary ones are not planned.
    On failure: unlocked content can be changed or deleted by identities that may push.
    """
    async with azure() as connection:
        plane = connection.data_plane(login_server, names)
        await plane.set_attributes(change.repository, change.reference, change.attributes)


@asynccontextmanager
async def unlocked_for_import(
    login_server: str, names: RenameMap, locks: Sequence[AttributeChange]
) -> AsyncIterator[None]:
    """Lift these locks at the target while the block runs, and restore them afterwards, also on failure."""
    try:
        for lock in locks:
            await set_attributes(login_server, names, lock.lifted)
        yield
    finally:
        for lock in reversed(locks):
            await set_attributes(login_server, names, lock)


async def _import(
    connection: AzureConnection, request: RelocationRequest, item: ImportItem | None, login_server: str, source: str
) -> None:
    if item is None:
        return

    async def import_one(part: ImportItem) -> None:
        await registries.import_image(
            connection,
            request.target_id,
            request.source.resource_id,
            part,
            names=request.names,
            force=request.force or bool(part.replaces),
            timeout=request.import_timeout_minutes * SECONDS_PER_MINUTE,
        )

    here, there = connection.data_plane(source), connection.data_plane(login_server, request.names)
    try:
        await import_one(item)
    except TooManyManifests:
        await bring_by_parts(here, there, item, import_one)
    except (BrokenAtSource, BlobCopyFailed) as error:
        raise await explained(here, item, error) from None


async def _newest(
    connection: AzureConnection, request: RelocationRequest, login_server: str, item: ImportItem
) -> frozenset[str] | None:
    """Return the last pushed digests of the repository, if the import moves a tag there."""
    if not item.replaces:
        return None
    return await newest(connection.data_plane(login_server, request.names), item.repository)


async def _require_nothing_displaced(
    connection: AzureConnection,
    request: RelocationRequest,
    login_server: str,
    item: ImportItem,
    before: frozenset[str] | None,
) -> None:
    """Raise AlreadyExists if a tag was moved from an image that somebody pushed meanwhile, with that image."""
    if before is None or request.force:
        return
    source = connection.data_plane(await registries.login_server(connection, request.source.resource_id))
    theirs = await displaced(source, connection.data_plane(login_server, request.names), item.repository, before)
    if theirs:
        raise conflict(f"{login_server}/{request.names.to_target(item.repository)}", item.tags, theirs)


async def _remaining(
    connection: AzureConnection, request: RelocationRequest, login_server: str, item: ImportItem
) -> ImportItem | None:
    plane = connection.data_plane(login_server, request.names)
    held = {ref: await plane.head_digest(item.repository, ref) for ref in remaining_import.references_to_probe(item)}
    return remaining_import.remaining_import(item, held, force=request.force)
