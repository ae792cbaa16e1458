"""The files of one relocation never replace those of another."""

from pathlib import Path

import pytest

from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.plan.plan import build
from acr_relocate.core.plan.planned_writes import PlannedChanges
from acr_relocate.core.report.report import LeftToPeople, Report
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from deployments.commands import planned_requests, starting
from deployments.commands.results import Shown, save_result
from tests.support.builders import content, registry, request


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACR_RELOCATE_STATE", str(tmp_path))


def moved_to(target: str) -> RelocationRequest:
    one = request()
    return one.model_copy(update={"target": one.target.model_copy(update={"name": target})})


def files_of(wanted: RelocationRequest) -> list[Path]:
    """The report and the script of a run."""
    step = LeftToPeople(what="cluster", why="update it", how="az aks show")
    report = Report(
        plan_id="0123456789ab",
        embedded=False,
        flow="relocate",
        verdict="relocated",
        source_id=wanted.source.resource_id,
        target_id=wanted.target_id,
        left_to_people=(step,),
    )
    return [Path(path) for _, path in save_result(Shown(report))]


def test_two_targets_of_one_source_have_files_of_their_own() -> None:
    """The first target has the short names, also when it is run again after the second."""
    first, second, again = (files_of(moved_to(name)) for name in ("contosonorth", "contososouth", "contosonorth"))

    source = request().source.name
    assert [path.name for path in first] == [f"{source}-run.txt", f"{source}-manual-steps.sh"]
    assert [path.name for path in second] == [
        f"{source}-to-contososouth-run.txt",
        f"{source}-to-contososouth-manual-steps.sh",
    ]
    assert again == first
    assert "contosonorth" in first[1].read_text()
    assert "contososouth" in second[1].read_text()


def test_status_reads_the_report_of_the_target_in_question() -> None:
    """And no other's."""
    files_of(moved_to("contosonorth"))
    files_of(moved_to("contososouth"))

    for target in ("contosonorth", "contososouth"):
        found = starting._last_report(moved_to(target))
        assert found is not None
        assert found.target_id.endswith(target)
    assert starting._last_report(moved_to("contosoeast")) is None


def test_a_registry_planned_for_two_targets_needs_its_request() -> None:
    """The name of the source says no longer which is meant."""
    source = request().source.name
    with pytest.raises(InvalidRequest, match=f"no plan for a registry {source}"):
        planned_requests.find_request(source)
    for target in ("contosonorth", "contososouth"):
        imports = needed(content(), content(), Selection())
        save_result(Shown(build(moved_to(target), registry(), content(), imports, (), foresight=PlannedChanges())))
        if target == "contosonorth":
            assert planned_requests.find_request(source) == moved_to(target)

    with pytest.raises(InvalidRequest, match=f"{source} was planned for contosonorth, contososouth"):
        planned_requests.find_request(source)
