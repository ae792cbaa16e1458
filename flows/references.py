"""Runbook: find references to the old registry in a folder or a Git repository, and rewrite them ("Update manifests").

1. Read every text file of the place; a repository is cloned to a temporary folder.
2. If requested, rewrite the references: in the folder, or as a branch of the repository that people review and merge.
3. Publish a table of every reference, with its replacement and the manual steps, as an artifact of the run.

Again: the present state; nothing is rewritten twice, and no branch is pushed. On failure: the repository is unchanged.
"""

from prefect import flow

from acr_relocate.references.flow_models import ReferenceRequest, ReferencesFound
from tasks.references import look_for_references, publish_references
from tasks.runs.run_names import keep_typed_name


@flow(name="references", flow_run_name=keep_typed_name("references-to-{request.source}-in-{request.place}"))
async def find_references(request: ReferenceRequest) -> ReferencesFound:
    """Find all references to the old registry in a place.

    Args:
        request: The place to search, and the new registry.

    """
    found = await look_for_references(request)
    await publish_references(found)
    return found
