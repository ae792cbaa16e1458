"""Find references in folders and Git repositories. Reports contain their places, never the lines of a file."""

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE

from acr_relocate.files import git_checkouts
from acr_relocate.references.flow_models import ReferenceRequest, ReferencesFound, in_markdown
from tasks.runs.artifacts import ignore_server_errors


@task(name="look-for-references", cache_policy=NO_CACHE)
async def look_for_references(request: ReferenceRequest) -> ReferencesFound:
    """Return all references in the place, rewritten if requested.

    Again: nothing is left to change. On failure: a repository is unchanged; each file of a folder is whole.
    """
    return await git_checkouts.look(request)


async def publish_references(found: ReferencesFound) -> None:
    """Publish every reference in a table of this run."""
    await ignore_server_errors(
        acreate_markdown_artifact(in_markdown(found), key="references", description="References")
    )
