"""Runbook: find what names the old registry in a folder or a Git repository, and name the new one ("Update manifests").

1. Read every text file of the place; a repository is cloned, and gone afterwards.
2. Where it is asked for, rewrite them: in the folder, or as a branch of the repository that people review and merge.
3. A table of every reference, with what it became and what is left to people, as an artifact of the run.

Again: what holds by then; nothing is rewritten twice, and no branch is pushed. On failure: the repository is as it was.
"""

from prefect import flow

from acr_relocate.references.flow_models import ReferenceRequest, ReferencesFound
from tasks.references import look_for_references, publish_references


@flow(name="references", flow_run_name="references-to-{request.source}-in-{request.place}")
async def find_references(request: ReferenceRequest) -> ReferencesFound:
    """All that names the old registry in a place.

    Args:
        request: Where to look, and what to name instead.

    """
    found = await look_for_references(request)
    await publish_references(found)
    return found
