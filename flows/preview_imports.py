"""Runbook: preview an import ("dry run"). Read only.

1. List the whole content of both registries; an absent target holds nothing.
2. Compare with the function of the import itself.
3. Show each image that would be imported, and each that would not, with the reason; and what killed runs left changed.

Again: the present state. On failure: nothing was changed.
"""

import asyncio

from prefect import flow

from acr_relocate.core.checks.pending import pending_findings
from acr_relocate.core.checks.pushing import PushContent
from acr_relocate.core.content.import_ledger import left_out_by_selection
from acr_relocate.core.content.import_preview import Preview, preview
from acr_relocate.core.content.renamed import find_unusable_selection
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural, size
from tasks.imports.ledger import read_ledger
from tasks.inventory import accept_request, find_registry, list_content, list_everything, read_registry
from tasks.runs.artifacts import publish_preview
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import phased_run
from tasks.small_artifacts import pushes_allowed
from tasks.source_restore import find_pending_restores

_PHASES = ("compare",)


@flow(
    name="sync-preview",
    flow_run_name=keep_typed_name("preview-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def preview_imports(request: RelocationRequest) -> Preview:
    """Preview an import of this request: the images it would bring, and those it would leave.

    Args:
        request: The registries, and the selection.

    """
    request = await accept_request(request)
    async with phased_run(request, "sync-preview", _PHASES, reads_only=True) as log:
        async with log.phase("compare"):
            source, target = await asyncio.gather(read_registry(request.source), find_registry(target_ref(request)))
            want = await list_content(source.login_server, request)
            log.obstructed(find_unusable_selection(want, request))
            have = await list_content(target.login_server, request) if target else Content(login_server="")
            known = await read_ledger(request)
            allowed = await pushes_allowed(request, source, target, PushContent(want, have, known))
            found = pending_findings(source.id, want, await find_pending_restores(request))
            whole = await list_everything(target.login_server, request) if target and request.prune_unselected else have
            left = left_out_by_selection(want, whole, known, request) if request.prune_unselected else ()
            result = preview(request, want, have, known, pushes=allowed)
            result = result.model_copy(update={"findings": found, "unselected": left})
            log.say(f"{plural(len(result.items), 'import')}, {size(result.size_bytes)} at most")
        await publish_preview(result)
        return result
