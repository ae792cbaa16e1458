"""Runbook: compare a target with its source ("Validate"), at any time. Read only.

1. Read both registries: settings, child resources, content to exhaustion.
2. Compare: repositories, tags and their digests, untagged manifests, children of indexes, referrers, locks; settings.
3. Report every difference. No difference: relocated.

Again: what holds now. On failure: nothing was changed.
"""

import asyncio

from prefect import flow

from acr_relocate.core.edited import wanted
from acr_relocate.core.report import Report
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.verification import compare, compare_settings, unclean
from tasks.deployment import read_edited_template
from tasks.inventory import accept_request, list_content, read_registry, target_ref
from tasks.journey import Journey, journey

PHASES = ("verify",)


@flow(name="verify", flow_run_name="verify-{request.source.name}-and-{request.target.name}")
async def verify_relocation(request: RelocationRequest) -> Report:
    """Every difference between the two registries that the relocation did not announce.

    Args:
        request: The two registries, and which content to compare.

    """
    async with journey(request, "verify", PHASES, reads_only=True) as log:
        await accept_request(request)
        await compare_registries(request, log)
        return await log.conclude()


async def compare_registries(request: RelocationRequest, log: Journey) -> None:
    """What differs between the registries is in the report."""
    async with log.phase("verify"):
        source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
        want, have = await asyncio.gather(
            list_content(source.login_server, request), list_content(target.login_server, request)
        )
        edited = await read_edited_template(request)
        held_back = wanted(source, request, edited).held_back
        settings = compare_settings(source, target, request, held_back, edited)
        differences = (*compare(want, have, request.selection), *settings)
        log.compared(differences)
        log.say(f"{len(unclean(differences))} differences in {want.tag_count} tags, {want.manifest_count} manifests")
