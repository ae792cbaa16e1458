"""Rehearsals killed at random moments: another machine, without a Prefect server, removes all of it."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prefect.settings import get_current_settings

from local_azure.launcher import Emulator, running
from tests.service.test_cli import command, run
from tests.thorough.rehearsing import move_to_rehearse
from tests.thorough.steps import differing, dump

KILLS = 20
LONGEST = 12.0
"""Seconds: a rehearsal of the demo ends within these on a machine that does little else."""


@pytest.fixture(name="emulator")
def _emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with running("demo") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture(name="prefect")
def _prefect() -> dict[str, str]:
    """The tests' Prefect server, for the rehearsals; the cleaning has none."""
    return {"PREFECT_API_URL": str(get_current_settings().api.url)}


def test_killed_at_random_moments_it_is_cleaned_from_another_machine(
    emulator: Emulator, prefect: dict[str, str], tmp_path: Path
) -> None:
    """SIGKILL after its first write, at moments up to its end; each time Azure is as before, by its own books."""
    request = tmp_path / "request.yaml"
    request.write_text(yaml.safe_dump(move_to_rehearse(emulator).request.model_dump(mode="json")))
    before, chance, unclean, left = dump(emulator, tmp_path / "now.json"), random.Random(7), {}, 0
    for number in range(KILLS):
        moment = killed_after(emulator, request, tmp_path / f"here{number}", chance.uniform(0, LONGEST), prefect)
        left += bool(differing(before, dump(emulator, tmp_path / "now.json")))
        there = tmp_path / f"there{number}"
        there.mkdir()
        status, said, _ = run("rehearse", "--clean", "--yes", cwd=there)
        if lines := [*differing(before, dump(emulator, tmp_path / "now.json")), *([said] if status else [])]:
            unclean[f"{number}, {moment:.1f} s"] = lines

    print(f"{KILLS} kills, {left} of them with something left")
    assert unclean == {}
    assert left >= KILLS // 2


def killed_after(emulator: Emulator, request: Path, state: Path, seconds: float, prefect: dict[str, str]) -> float:
    """Rehearse in another process and kill it so long after its first write, or as it ends; return when that was."""
    emulator.reset_stats()
    process = command("rehearse", str(request), "--yes", "--large", "1", cwd=state, **prefect)
    began = time.monotonic()
    while process.is_running and not emulator.stats()["writes"]:
        time.sleep(0.1)  # between two looks: the process is another, and says nothing
    wrote = time.monotonic()
    while process.is_running and time.monotonic() - wrote < seconds:
        time.sleep(0.05)  # between two looks, as above
    process.kill()
    return time.monotonic() - began
