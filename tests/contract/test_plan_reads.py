"""Knowing all that a registry holds takes hardly more reads than the least there could be."""

import json
from pathlib import Path

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.content.listing import list_content
from acr_relocate.core.request.selection import Selection
from benchmarks.plan_reads import MOST_READS, catalogue, is_read_of_content, least_reads
from local_azure.launcher import running
from tests.contract.conftest import entered


async def test_a_listing_reads_nothing_twice(tmp_path: Path, ca_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """10 repositories of 20 manifests; benchmarks/plan_reads.py does the same with 10,000 manifests."""
    seed = tmp_path / "catalogue.json"
    seed.write_text(json.dumps(catalogue(10, 5)))
    with running(seed=str(seed), ca_dir=ca_dir) as emulator:
        for azure_of in entered(emulator, monkeypatch):
            azure_of.reset_stats()
            async with connection() as azure:
                content = await list_content(azure.data_plane("contosoregistry.azurecr.io"), Selection())
            routes = azure_of.stats()["routes"]
            least = least_reads(azure_of.content("contosoregistry")["repositories"])

    reads = sum(count for route, count in routes.items() if is_read_of_content(route))
    assert content.manifest_count == 200
    assert least <= reads <= MOST_READS * least
