"""`make demo` starts processes; whatever ends it, none of them is left."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments import processes
from deployments.server.for_command import is_server


@dataclass
class Stage:
    """Where a demo is run: `mark` is in the environment of every process that it starts."""

    state: Path
    mark: str

    def start(self, *options: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "AZURE_"))}
        environment |= {"ACR_RELOCATE_STATE": str(self.state), "DEMO_MARK": self.mark}
        return subprocess.Popen(
            [sys.executable, "-m", "deployments.demo", "--profile", "instant", *options],
            env=environment,
            stdout=self.output.open("w"),
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def output(self) -> Path:
        return self.state.parent / "output"

    def says(self, words: str) -> Callable[[], bool]:
        return lambda: words in self.output.read_text()

    def processes(self) -> list[str]:
        """The command lines of all that is left."""
        return [
            (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._is_marked(entry)
        ]

    def _is_marked(self, entry: Path) -> bool:
        try:
            return self.mark.encode() in (entry / "environ").read_bytes()
        except OSError:
            return False


@pytest.fixture(scope="module", name="state")
def _state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database for all demos of this module: a new one costs ten seconds."""
    return tmp_path_factory.mktemp("demo") / "state"


@pytest.fixture(name="stage")
def _stage(state: Path) -> Iterator[Stage]:
    stage = Stage(state, uuid.uuid4().hex)
    yield stage
    stage.start("--stop").wait(60)


def test_a_kept_demo_is_up_until_it_is_stopped(stage: Stage) -> None:
    """It ends with status 0 after a clean relocation; the UI answers until the command that it names has run."""
    assert stage.start("--keep").wait(120) == 0

    said = stage.output.read_text()
    address = next(line.split()[-1] for line in said.splitlines() if line.startswith("Prefect UI:"))
    assert "Every repository, tag, digest and referrer is the same." in said
    assert is_server(f"{address}/api")
    assert stage.start("--stop").wait(60) == 0
    assert not is_server(f"{address}/api")
    assert stage.processes() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("moment", "number"),
    [("Starting", signal.SIGINT), ("✓ checks", signal.SIGTERM)],
)
def test_an_interrupted_demo_leaves_nothing(stage: Stage, moment: str, number: signal.Signals) -> None:
    """Ctrl-C or SIGTERM at any moment: status 130, and no process is left."""
    demo = stage.start()
    assert processes.wait_until(stage.says(moment), 180)

    demo.send_signal(number)

    assert demo.wait(60) == 130
    assert stage.processes() == []
    assert "Traceback" not in stage.output.read_text()
