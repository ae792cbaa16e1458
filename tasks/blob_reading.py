"""Read the blobs of a registry page by page. Prefect keeps each page's result, so that a check can be resumed."""

from datetime import timedelta
from typing import Final

from prefect import task
from prefect.cache_policies import INPUTS

from acr_relocate.azure.content import blobs
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.verification import BlobsRead, ManifestPage
from tasks.connection import azure
from tasks.retry_policies import READ, worth_a_retry

KEPT: Final = timedelta(days=2)
"""How long a page that was read is not read again by a check that is resumed."""


@task(
    name="read-blobs",
    task_run_name="read-blobs-of-{page.repository}",
    retries=READ["retries"],
    retry_delay_seconds=READ["retry_delay_seconds"],
    retry_jitter_factor=READ["retry_jitter_factor"],
    retry_condition_fn=worth_a_retry,
    cache_policy=INPUTS,
    cache_expiration=KEPT,
    persist_result=True,
    result_serializer="json",
)
async def read_blobs(login_server: str, names: RenameMap, page: ManifestPage) -> BlobsRead:
    """Return the missing and damaged blobs of these manifests. Only reads, but all bytes."""
    async with azure() as connection:
        return await blobs.read_blobs(connection.data_plane(login_server, names), page.repository, page.digests)


async def read_page(login_server: str, names: RenameMap, page: ManifestPage, *, resume: bool) -> BlobsRead:
    """Return the same; with `resume` from an earlier check, unless that found something wrong."""
    again = read_blobs.with_options(refresh_cache=True)
    read = await (read_blobs if resume else again)(login_server, names, page)
    return await again(login_server, names, page) if resume and read.wrong else read
