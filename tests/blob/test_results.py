"""Results in Azure Blob, as docs/deploy.md has it: Prefect's file system over adlfs, against Microsoft's Azurite."""

import base64
import gc
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from azure.storage.blob import ContainerClient
from prefect.client.orchestration import get_client
from prefect.filesystems import RemoteFileSystem
from prefect.settings import PREFECT_API_URL, temporary_settings

from acr_relocate.core.report.report import Report
from deployments import processes
from flows.relocate import relocate_registry
from local_azure.launcher import running
from tests.support.architecture import ROOT
from tests.support.plain_server import plain_server
from tests.support.prefect_api import PATIENCE, Api, working

AZURITE = ROOT / ".azurite" / "node_modules" / ".bin" / "azurite-blob"
CONTAINER = "results"
REQUEST = {
    "source": {"name": "contosoregistry"},
    "target": {"name": "contosonorth", "location": "northeurope"},
    "selection": {"repositories": ["legacy/*"]},
}


@contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """Blob storage on this machine with an account of its own; its connection string."""
    key, port = base64.b64encode(secrets.token_bytes(64)).decode(), processes.free_port(0)
    where = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    # adlfs may ask for a newer version of the API than Azurite knows; nothing leaves this machine.
    command = [str(AZURITE), *where, "--skipApiVersionCheck", "--disableTelemetry"]
    environment = os.environ | {"AZURITE_ACCOUNTS": f"contosoresults:{key}"}
    process = processes.start_process(command, environment=environment, log=folder / "azurite.log")
    log = folder / "azurite.log"
    try:
        assert processes.wait_until(lambda: "successfully listens" in log.read_text(), PATIENCE), log.read_text()
        address = f"http://127.0.0.1:{port}/contosoresults"
        yield f"AccountName=contosoresults;AccountKey={key};BlobEndpoint={address};"
    finally:
        processes.stop_process(process)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # Prefect's clients, and adlfs's
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # the server is known by its id
def test_what_a_relocation_returned_is_in_the_container_and_read_back_from_there(tmp_path: Path) -> None:
    """Readable on any machine through the Prefect server; the worker had only the two settings."""
    settings = {
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
        "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": f"remote-file-system/{CONTAINER}",
    }
    with azurite(tmp_path) as account, running("demo") as azure, plain_server(tmp_path) as prefect:
        api = Api(f"{prefect.ui}/api")
        with (
            ContainerClient.from_connection_string(account, CONTAINER) as container,
            temporary_settings({PREFECT_API_URL: api.url}),
        ):
            container.create_container()
            block = RemoteFileSystem(basepath=f"az://{CONTAINER}", settings={"connection_string": account})
            block.save(CONTAINER)
            with working(api.url, azure.env | settings, tmp_path, relocate_registry):
                run_id = api.start("relocate", REQUEST)
                api.wait(run_id, "Completed")
            told = api.report(run_id)
            kept = {blob.name for blob in container.list_blobs()}
            with get_client(sync_client=True) as client:
                run = client.read_flow_run(UUID(run_id))
            assert run.state is not None
            report = run.state.result()
    gc.collect()  # while the warnings about what others left open are ignored, not at the end of the session

    assert isinstance(report, Report)
    assert report == told
    assert run.state.data.storage_key.rpartition("/")[2] in {name.rpartition("/")[2] for name in kept}
