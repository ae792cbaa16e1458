"""One registry's import divided among workers, without workers; tests/batch has it with some."""

from collections.abc import Iterator
from typing import Any

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.relocation import RelocationRequest
from flows.import_images import import_images, import_part
from tasks.imports import workers
from tests.service.conftest import Move, content, roots
from tests.support.prefect_api import Api, deploy


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    """The Prefect server, which has the deployment of a part."""
    api = Api(str(get_current_settings().api.url))
    with api.http:
        deploy(api.url, import_part)
        yield api


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WORKER_LOOK_SECONDS", 0.5)


def divided(move: Move) -> RelocationRequest:
    return move.request.model_copy(update={"workers": 2})


def runs_of_parts(api: Api, move: Move) -> list[dict[str, Any]]:
    names = {"name": {"like_": f"-to-{move.request.target.name}"}}
    found: list[dict[str, Any]] = api.call(
        "POST", "/flow_runs/filter", {"flows": {"name": {"any_": ["import-part"]}}, "flow_runs": names}
    )
    return found


async def test_what_no_worker_brings_the_import_brings_itself(
    sync: Move, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no worker: the runs are called off, and the import is complete all the same."""
    monkeypatch.setattr(workers, "BEGINS_WITHIN", 0)

    report = await import_images(divided(sync))

    source, target = content(sync)
    assert source == target
    assert report.imports.created == roots(sync.source())
    assert {run["state_type"] for run in runs_of_parts(api, sync)} <= {"CANCELLING", "CANCELLED"}


async def test_without_a_deployment_nothing_is_begun(sync: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message, before Azure is asked."""
    monkeypatch.setattr(workers, "PART_DEPLOYMENT", "import-part/nowhere")

    with pytest.raises(InvalidRequest, match="acr-relocate deploy"):
        await import_images(divided(sync))

    assert sync.emulator.stats()["planes"] == {}
