"""References in folders and Git repositories. What is told of them is where they are, never the lines of a file."""

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE

from acr_relocate.files import git_checkouts
from acr_relocate.references.flow_models import ReferenceRequest, ReferencesFound, in_markdown
from tasks.runs.artifacts import ignore_server_errors


@task(name="look-for-references", cache_policy=NO_CACHE)
async def look_for_references(request: ReferenceRequest) -> ReferencesFound:
    """All references in the place, rewritten where that is asked for.

    Again: nothing is left to change. On failure: a repository is as it was; each file of a folder is whole.
    """
    return await git_checkouts.look(request)


async def publish_references(found: ReferencesFound) -> None:
    """Every reference is in a table of this run."""
    await ignore_server_errors(
        acreate_markdown_artifact(in_markdown(found), key="references", description="References")
    )
