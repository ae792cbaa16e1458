"""The imports of earlier runs, as recorded by the Prefect server; and the pruning of tags deleted since.

One artifact for every few thousand images, written before they are imported. No worker's disk is read, and without a
record nothing is known: then a moved tag is a conflict, and nothing is pruned.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

from prefect import get_client, task
from prefect.artifacts import Artifact
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, ArtifactFilterType
from prefect.client.schemas.sorting import ArtifactSort

from acr_relocate.azure.content.prune import prune
from acr_relocate.core.content.import_ledger import NOTHING_KNOWN, DeletedTag, ImportLedger, ImportRecord, ledger
from acr_relocate.core.errors import Failure
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.stored_result import read_stored
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import WRITE
from tasks.runs.artifacts import ignore_server_errors

LEDGER_DATA = "result"
"""The type of the artifacts. Their key names the target: `brought-to-NAME`."""

PAGE_ENTRIES = 2000
"""Images in one artifact, which is then about 300 KB."""

_LISTED_AT_ONCE = 200
"""The most artifacts that the server returns at once."""

_MOST_PAGES = 5000
"""Ten million images: what was written before these counts as unknown."""

LEDGER_NAME = "the Prefect server's record of what was brought to the target"


class Page(FrozenModel):
    """The content of one artifact. `target_id`: two clouds may have a registry of the same name.

    `source_id`: of several sources of one target the one that it came from; empty if the target has one.
    """

    target_id: str
    source_id: str = ""
    brought: tuple[ImportRecord, ...]


async def read_ledger(request: RelocationRequest) -> ImportLedger:
    """Return all imports of earlier runs to this target; empty if the Prefect server does not answer."""
    async with get_client() as client:
        return await ignore_server_errors(_read(client, request)) or NOTHING_KNOWN


async def save_ledger_page(request: RelocationRequest, brought: Iterator[ImportRecord]) -> None:
    """Record the imports at the server, if it answers."""
    while entries := tuple(islice(brought, PAGE_ENTRIES)):
        page = Page(target_id=request.target_id.lower(), source_id=_source(request), brought=entries)
        data = page.model_dump(mode="json", exclude_defaults=True)
        words = "For machines: which images were imported"
        artifact = Artifact(type=LEDGER_DATA, key=_key(request), data=data, description=words)
        await ignore_server_errors(artifact.acreate())


async def prune_all(request: RelocationRequest, source: str, target: str, tags: Iterable[DeletedTag]) -> list[Outcome]:
    """Delete all these tags at the target, if the request says so; return the outcome of each."""
    wanted = [tag for tag in tags if (request.prune_unselected if tag.unselected else request.prune)]
    return await asyncio.gather(*(_pruned(source, target, request.names, tag) for tag in wanted))


@task(name="prune-tag", task_run_name="prune-{tag.name}", **WRITE)
async def prune_tag(source: str, target: str, names: RenameMap, tag: DeletedTag) -> Outcome:
    """Delete the tag at the target (both by their login servers), unless somebody else has moved it.

    `names`: the repositories at the target.

    Again: it is already gone. On failure: it still exists.
    """
    async with azure() as connection:
        return await prune(connection.data_plane(source), connection.data_plane(target, names), tag)


async def _pruned(source: str, target: str, names: RenameMap, tag: DeletedTag) -> Outcome:
    state = await prune_tag(source, target, names, tag, return_state=True)  # type: ignore[misc] # Prefect's overload omits that it is awaitable
    outcome = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, Outcome):
        return outcome
    return Outcome(kind="failed", subject=tag.name, failure=Failure.of(outcome))


async def _read(client: PrefectClient, request: RelocationRequest) -> ImportLedger:
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[_key(request)]), type=ArtifactFilterType(any_=[LEDGER_DATA]))
    newest_first: list[ImportRecord] = []
    offset = 0
    while offset < _MOST_PAGES and (
        found := await client.read_artifacts(
            artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=_LISTED_AT_ONCE, offset=offset
        )
    ):
        pages = [read_stored(Page, str(artifact.data), LEDGER_NAME) for artifact in found]
        newest_first += [one for page in pages if _is_of(page, request) for one in page.brought]
        offset += len(found)
    return ledger(newest_first)


def _is_of(page: Page, request: RelocationRequest) -> bool:
    return page.target_id == request.target_id.lower() and page.source_id == _source(request)


def _source(request: RelocationRequest) -> str:
    return request.source.resource_id.lower() if request.consolidation.sources else ""


def _key(request: RelocationRequest) -> str:
    return f"brought-to-{request.target.name}"
