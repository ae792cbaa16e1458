"""A run that ends before it begins has a report, too: what was refused, and what to do."""

from collections.abc import Iterator
from typing import Any

import pytest
from prefect.exceptions import ParameterTypeError
from prefect.settings import get_current_settings

from acr_relocate.core.errors import NotFound
from acr_relocate.core.report.report import Report
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tests.support.prefect_api import Api


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    api = Api(str(get_current_settings().api.url))
    with api.http:
        yield api


def asked(source: str, target: str) -> dict[str, Any]:
    return {"source": {"name": source}, "target": {"name": target, "location": "northeurope"}}


def latest_report(api: Api) -> Report:
    """The report of the run of `relocate` that began last, from the server."""
    body = {"flows": {"name": {"any_": ["relocate"]}}, "sort": "EXPECTED_START_TIME_DESC", "limit": 1}
    (run,) = api.call("POST", "/flow_runs/filter", body)
    assert run["state_type"] == "FAILED"
    return api.report(run["id"])


async def test_a_request_that_is_not_valid_has_a_report(emulator: Emulator, api: Api) -> None:
    """Prefect ends the run before the flow sees it; the report names the field, and Azure was not asked."""
    with pytest.raises(ParameterTypeError):
        await relocate_registry(asked("contosoregistry", "contosoregistry"))  # type: ignore[arg-type] # as a form sends it

    (failure,) = latest_report(api).failures
    assert failure.code == "InvalidRequest"
    assert "target.name" in failure.message
    assert emulator.stats()["planes"] == {}


@pytest.mark.usefixtures("emulator")
async def test_a_source_that_is_not_found_has_a_report(api: Api) -> None:
    """With the remedy, and with the names that were asked for."""
    with pytest.raises(NotFound):
        await relocate_registry(asked("nosuchregistry", "nosuchregistrynorth"))  # type: ignore[arg-type] # as above

    report = latest_report(api)
    assert [failure.code for failure in report.failures] == ["RegistryNotFound"]
    assert "Check the name" in report.failures[0].remedy
    assert (report.source_id, report.target_id) == ("nosuchregistry", "nosuchregistrynorth")
