"""The report of a rehearsal as the measure of a plan, and what the doctor says of one that has expired."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.plan.estimate import NOT_MEASURED, MeasuredTimes
from acr_relocate.core.rehearsal.rehearsal import Rehearsal
from deployments import doctor
from deployments.commands.rehearse import load_times
from tests.unit.rehearsal.rehearsal_examples import rehearsal


def test_a_plan_takes_the_times_of_the_report(tmp_path: Path) -> None:
    """From the JSON file of a rehearsal; without a file the times are 0."""
    measured = MeasuredTimes(import_seconds=2.0, bytes_a_second=5_000_000)
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"flow": "rehearse", "rehearsal": {"times": measured.model_dump(mode="json")}}))

    assert load_times(report) == measured
    assert load_times(None) == NOT_MEASURED


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rehearsal": null}', '{"rehearsal": {"times": {"x": 1}}}'])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    """With how to get the right one."""
    report = tmp_path / "report.json"
    report.write_text(text)

    with pytest.raises(InvalidRequest) as refused:
        load_times(report)

    assert "acr-relocate rehearse REQUEST" in refused.value.remedy


async def test_the_doctor_names_a_rehearsal_that_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves one alone that has not."""
    now = datetime.now(UTC)

    async def found() -> tuple[Rehearsal, ...]:
        return (
            rehearsal(id="00000001", expires_at=now - timedelta(hours=1)),
            rehearsal(id="00000002", expires_at=now + timedelta(hours=1)),
        )

    monkeypatch.setattr(doctor, "find_rehearsals", found)

    [told] = await doctor._expired_rehearsals()

    assert not told.ok
    assert "00000001" in told.what
    assert told.remedy == "acr-relocate rehearse --clean 00000001"
