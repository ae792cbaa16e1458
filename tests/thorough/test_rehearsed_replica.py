"""A replica in the target's region is measured: large imports before it and by way of it, under both readings."""

from pathlib import Path

import pytest

from acr_relocate.core.report.verdicts import report_verdict
from local_azure.launcher import running
from tests.service.test_rehearse import rehearse
from tests.thorough.rehearsing import LOCK, move_to_rehearse
from tests.thorough.steps import differing, dump

PACE = {"import-seconds": "0.5", "import-rate": "20", "registry-cap": "500"}


@pytest.mark.parametrize(
    ("reads", "conclusion"), [("home", "no sign that imports"), ("nearest", "imports read from it")]
)
async def test_whether_its_region_is_read_is_told(
    reads: str, conclusion: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the realistic profile with bytes; the times are those that Azure was set to, and nothing is left."""
    with running("demo", profile="realistic", switches={"import_reads": reads}, pace=PACE) as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        move = move_to_rehearse(emulator, via_replica=True)
        emulator.uproot(LOCK)  # a lock forbids to remove a replica, so that none is made
        before = dump(emulator, tmp_path / "now.json")

        report = await rehearse(move, large=128)

        assert report_verdict(report) == "rehearsed: 19 steps taken, 1 had nothing to do, 0 refused"
        assert report.rehearsal is not None
        assert report.rehearsal.replica is not None
        assert conclusion in report.rehearsal.replica.words
        assert report.rehearsal.replica.without == pytest.approx(20e6, rel=0.25)
        assert differing(before, dump(emulator, tmp_path / "now.json")) == []
