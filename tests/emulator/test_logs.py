"""Log Analytics through Azure Resource Manager: what a workspace keeps, asked as Azure's own documentation does."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from local_azure.launcher import Emulator
from local_azure.seeds.surroundings import LOGS_ID
from tests.conftest import StartEmulator

ARM = "https://management.azure.com"
Ask = Callable[..., Any]


@pytest.fixture
def ask(start_emulator: StartEmulator, use_emulator: Callable[[Emulator], Emulator]) -> Ask:
    """One query; the body of the answer. Raises HttpResponseError."""
    use_emulator(start_emulator(seed="demo", operations="immediate"))

    def run(query: str, timespan: str = "P7D", workspace: str = LOGS_ID) -> Any:
        params = {"api-version": "2017-01-01-preview", "query": query, "timespan": timespan}
        with DefaultAzureCredential() as identity:
            policy = ARMChallengeAuthenticationPolicy(identity, f"{ARM}/.default")
            with ARMPipelineClient(ARM, policies=[policy]) as client:
                response = client.send_request(HttpRequest("GET", f"{ARM}{workspace}/api/query", params=params))
        response.raise_for_status()
        return response.json()

    return run


def test_rows_come_as_a_table_of_columns(ask: Ask) -> None:
    """The shape of Azure's own answer, with what each column holds."""
    [table] = ask("ContainerInventory | where Repository =~ 'mcr.microsoft.com' | distinct Image, ImageTag")["tables"]

    assert table == {
        "name": "PrimaryResult",
        "columns": [{"name": "Image", "type": "string"}, {"name": "ImageTag", "type": "string"}],
        "rows": [["oss/kubernetes/pause", "3.9"]],
    }


def test_only_the_timespan_counts(ask: Ask) -> None:
    """Entries older than asked for are left out."""
    [table] = ask("ContainerInventory | count", timespan="PT0M")["tables"]

    assert table["rows"] == [[0]]


@pytest.mark.parametrize(
    ("query", "workspace", "status"),
    [("NoSuchTable | count", LOGS_ID, 400), ("ContainerInventory | count", f"{LOGS_ID}x", 404)],
)
def test_what_is_not_there_is_an_error(ask: Ask, query: str, workspace: str, status: int) -> None:
    """An unwritten table is not an empty one."""
    with pytest.raises(HttpResponseError) as refused:
        ask(query, workspace=workspace)

    assert refused.value.status_code == status
