"""Runbook: compare a target with its source ("Validate"), or any two registries, at any time. Read only.

1. Read both registries: settings at both api-versions, child resources, surroundings, their whole content.
2. Compare content: repositories, tags and their digests, untagged manifests, children of indexes, referrers, sizes,
   locks. If requested, read the blobs of a sample or of everything, and check their digests.
3. Compare settings, and the addresses of webhooks, without keeping secrets; look for references to the source at the
   target.
4. Compare network and access: private endpoints, DNS, roles, event subscriptions, locks.

Again: the present state. On failure: nothing was changed.
"""

import asyncio

from prefect import flow

from acr_relocate.core.checks.pending import pending_findings
from acr_relocate.core.consolidation.extras import without_others
from acr_relocate.core.consolidation.shares import refs_beside
from acr_relocate.core.content.renamed import find_unusable_selection
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target.edited_template import target_design
from acr_relocate.core.verification import (
    BlobCheck,
    BlobsRead,
    Difference,
    RegistrySnapshot,
    SnapshotPair,
    compare_any,
    compare_blobs,
    compare_relocated,
    compare_surroundings,
    not_asked,
    to_read,
    unclean,
)
from acr_relocate.core.wording import plural
from tasks.blob_reading import read_page
from tasks.dependencies import read_surroundings
from tasks.deployment import read_edited_template
from tasks.inventory import (
    accept_request,
    catch_up,
    find_registry,
    list_content,
    read_callbacks,
    read_registry,
    read_source,
    request_to_compare,
)
from tasks.runs.cut_over_window import now
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_restore import find_pending_restores

_PHASES = ("verify",)
EVERYTHING = Selection()


@flow(
    name="verify",
    flow_run_name=keep_typed_name("verify-{request.source.name}-and-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def verify_relocation(
    request: RelocationRequest,
    *,
    sample: int = 0,
    blobs: bool = False,
    resume: bool = False,
    before_cut_over: bool = False,
) -> Report:
    """Return every difference between the two registries that the relocation did not announce.

    Args:
        request: The two registries, and the content to compare.
        sample: Read the blobs of so many manifests of the target, and check their digests.
        blobs: Read every blob of the target, and check its digest.
        resume: But for the blobs that an interrupted check of the last two days has read.
        before_cut_over: Ignore differences that the cut-over will remove.

    """
    request = await accept_request(request)
    async with phased_run(request, "verify", _PHASES) as log:
        check = BlobCheck(sample=sample, every=blobs, resume=resume)
        await compare_registries(request, log, check, finished=not before_cut_over, cut_over=not before_cut_over)
        return await log.conclude("equal")


@flow(
    name="compare",
    flow_run_name=keep_typed_name("compare-{source.name}-and-{target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def compare_two(
    source: RegistryRef,
    target: RegistryRef,
    selection: Selection = EVERYTHING,
    *,
    sample: int = 0,
    blobs: bool = False,
    resume: bool = False,
) -> Report:
    """Return every difference between any two registries, related or not.

    Args:
        source: The reference.
        target: The registry to compare with it.
        selection: The content to compare.
        sample: Read the blobs of so many manifests of the target, and check their digests.
        blobs: Read every blob of the target, and check its digest.
        resume: But for the blobs that an interrupted check of the last two days has read.

    """
    request = await request_to_compare(source, target, selection)
    async with phased_run(request, "compare", _PHASES) as log:
        async with log.phase("verify"):
            pair = await read_both_snapshots(request, around=True)
            log.obstructed(find_unusable_selection(pair.source.content, request))
            read = await read_chosen(request, pair.target, BlobCheck(sample=sample, every=blobs, resume=resume))
            conclude_comparison(log, pair, compare_any(pair, selection), read)
        return await log.conclude("equal")


async def compare_registries(
    request: RelocationRequest,
    log: RunReport,
    check: BlobCheck | None = None,
    *,
    finished: bool = False,
    cut_over: bool = False,
) -> SnapshotPair:
    """Add the differences to the report; return the snapshots of both registries.

    `cut_over`: the dependents have been cut over. `finished`: so have the deferred settings.
    """
    async with log.phase("verify"):
        edited = await read_edited_template(request)
        pair = await read_both_snapshots(request, around=cut_over)
        log.obstructed(find_unusable_selection(pair.source.content, request))
        read = await read_chosen(request, pair.target, check or BlobCheck())
        around = compare_surroundings(pair, request, edited, finished=finished) if cut_over else ()
        around = without_others(around, pair, request, await see_others(request) if around else ())
        log.left_out(target_design(pair.source.registry, request, edited))
        differences = (*compare_relocated(pair, request, edited, finished=finished), *around)
        conclude_comparison(log, pair, differences, read)
    return pair


def conclude_comparison(
    log: RunReport, pair: SnapshotPair, differences: tuple[Difference, ...], read: BlobsRead
) -> None:
    """Add the result to the report."""
    content, differences = pair.source.content, (*differences, *compare_blobs(read.wrong))
    log.found(pending_findings(pair.source.registry.id, content, pair.pending))
    log.compared(differences)
    found = plural(len(unclean(differences)), "difference")
    what = f"{plural(content.tag_count, 'tag')} and {plural(content.manifest_count, 'manifest')}"
    blobs = f", {plural(read.count, 'blob')} read" if read.count else ""
    log.say(f"{found} in {what}{blobs}{not_asked(pair.callbacks)}")


async def read_both_snapshots(request: RelocationRequest, *, around: bool) -> SnapshotPair:
    """Return the present snapshots of both registries."""
    source, target = await asyncio.gather(read_source(request), read_registry(target_ref(request)))
    here, there, callbacks, pending = await asyncio.gather(
        see(request, source, around=around),
        see(request, target, around=around),
        read_callbacks(source, target),
        find_pending_restores(request),
    )
    held = await catch_up(request, here.content, there.content)
    there = there.model_copy(update={"content": held})
    return SnapshotPair(source=here, target=there, callbacks=callbacks, pending=pending)


async def see(request: RelocationRequest, registry: Registry, *, around: bool) -> RegistrySnapshot:
    """Return the present snapshot of one registry."""
    if not around:
        return RegistrySnapshot(registry=registry, content=await list_content(registry.login_server, request))
    content, surroundings = await asyncio.gather(
        list_content(registry.login_server, request), read_surroundings(registry)
    )
    return RegistrySnapshot(registry=registry, content=content, around=surroundings, seen_at=now())


async def see_others(request: RelocationRequest) -> list[RegistrySnapshot]:
    """Return the other sources of the target with their surroundings, without their content."""
    seen = []
    for ref in refs_beside(request):
        if registry := await find_registry(ref):
            around = await read_surroundings(registry)
            seen.append(RegistrySnapshot(registry=registry, content=Content(login_server=""), around=around))
    return seen


async def read_chosen(request: RelocationRequest, target: RegistrySnapshot, check: BlobCheck) -> BlobsRead:
    """Read the target's blobs that are to be checked."""
    chosen = to_read(target.content, request.selection, check)
    host, names = target.registry.login_server, request.names
    pages = [await read_page(host, names, page, resume=check.resume) for page in chosen]
    return BlobsRead(count=sum(one.count for one in pages), wrong=tuple(blob for one in pages for blob in one.wrong))
