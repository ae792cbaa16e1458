"""Runbook: delete the source registry. The one irreversible step, so it is a flow of its own.

1. Verify again: all of content, settings, network and dependents, and the bytes of a sample ("Verify").
2. Look for users of the source: settings that name it, clusters that run its images, pulls and pushes in its
   logs, pushes by its own dates. Ask the target for every blob of all content that both hold. Any user, missing blob or
   missing permission ends the run here. No approval overrides that.
3. Ask a person, who types the registry's name. The question contains the facts that Azure does not show.
   A waiting run begins again at 1 when it is resumed: a push, or any other change since, voids the approval.
4. Lock every repository of the source, look for new ones, until no new one is found. Look once more at both
   registries, and ask for every blob again. Only then lift the registry's own locks, remove its consumers' roles and
   its diagnostic settings, and delete it at once: that registry and nothing else ("Clean up source").

Again: a deleted source stays deleted. On failure: the source exists, with its removed settings restored.
"""

import asyncio

from prefect import flow

from acr_relocate.core.removal import (
    DeletionEvidence,
    approved_source_loss,
    deletion_blockers,
    deletion_of,
    logs_of_use,
    orphaned_after_deletion,
    releases,
)
from acr_relocate.core.removal.kept_name import refuse_kept_name, use_in_words
from acr_relocate.core.removal.required_actions import missing_removal_rights, rights_to_retire
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.verification import BlobCheck, SnapshotPair, to_read
from flows.verify import compare_registries
from tasks.evidence import read_permissions
from tasks.inventory import accept_request, find_registry, list_everything
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_deletion import check_copy, find_unmoved_sources, look_for_uses, read_own_ids, retire
from tasks.source_restore import restore_source

_PHASES = ("verify", "consumers", "delete")
SAMPLE = 25


@flow(name="delete-source", flow_run_name=keep_typed_name("delete-{request.source.name}"), on_failure=[report_refusal])
@says_verdict
async def delete_source(request: RelocationRequest) -> Report:
    """Delete the source registry for good, after a new verification and a person's approval.

    Args:
        request: The request with which it was relocated.

    """
    request = await accept_request(request)
    refuse_kept_name(request)
    async with phased_run(request, "delete-source", _PHASES) as log:
        await delete_verified_source(request, log)
        return await log.conclude("deleted")


async def delete_verified_source(request: RelocationRequest, log: RunReport) -> None:
    """Delete the source, or leave it and report why."""
    log.found(await restore_source(request))
    if await find_registry(request.source) is None:
        log.skip(_PHASES, f"{request.source.name} is already gone")
        return
    pair = await compare_registries(request, log, bytes_to_read(request), finished=True, cut_over=True)
    evidence = await gather_deletion_evidence(request, pair, log)
    await log.approval(deletion_of(evidence))
    async with log.phase("delete"):
        await retire(request, pair.source.registry, releases(evidence), approved_source_loss(evidence))
        log.leave_to_people(orphaned_after_deletion(evidence))
        log.say(f"{request.source.name} is gone for good")


async def gather_deletion_evidence(request: RelocationRequest, pair: SnapshotPair, log: RunReport) -> DeletionEvidence:
    """Return the evidence for the deletion. Raises NotRelocated if anything blocks it."""
    async with log.phase("consumers"):
        ourselves = await read_own_ids()
        held, kept, uses, unmoved = await asyncio.gather(
            list_everything(pair.source.registry.login_server, request),
            list_everything(pair.target.registry.login_server, request),
            look_for_uses(pair.source.registry, logs_of_use(pair.source.around), request, ourselves),
            find_unmoved_sources(request),
        )
        evidence = DeletionEvidence(
            request=request,
            pair=pair,
            held=held,
            kept=kept,
            differences=log.differences,
            uses=uses,
            copy_check=await check_copy(held, kept),
            sampled=sum(
                len(page.digests) for page in to_read(pair.target.content, request.selection, bytes_to_read(request))
            ),
            ourselves=ourselves,
            unmoved=unmoved,
        )
        log.obstructed(deletion_blockers(evidence))
        needed = rights_to_retire(evidence)
        log.obstructed(missing_removal_rights(needed, await read_permissions(tuple(needed), request), "retire"))
        log.say(f"{use_in_words(evidence)}; {evidence.copy_check.in_words(pair.target.registry.name)}")
    return evidence


def bytes_to_read(request: RelocationRequest) -> BlobCheck:
    """Return the manifests whose blobs are read to the last byte; the target is asked for all others."""
    return BlobCheck(sample=SAMPLE, every=request.read_all_bytes)
