"""Installed as docs/how-to/install.md says: away from the checkout the command runs, and plans a move."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.architecture import ROOT

TOOLS = Path(sys.executable).parents[2] / ".tools" / "bin"
PATIENCE = 900


@pytest.fixture(scope="module", name="checkout")
def _checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, as a clone has it."""
    copy = tmp_path_factory.mktemp("clone") / "acr-relocate"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests", "site"))
    return copy


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> dict[str, str]:
    """The environment of a person who has none of it yet."""
    folders = {name: str(tmp_path / name.lower()) for name in ("HOME", "PIPX_HOME", "PIPX_BIN_DIR", "UV_TOOL_DIR")}
    return {**os.environ, **folders, "ACR_RELOCATE_STATE": str(tmp_path / "state"), "CI": "1"}


def output_of(*command: str | Path, home: dict[str, str], folder: Path) -> str:
    """Return the output of the command; raise AssertionError with all of it if it fails."""
    ended = subprocess.run(
        list(map(str, command)), env=home, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_pipx_installs_it(checkout: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Flows, tasks, deployments and the embedded Azure are in the distribution."""
    output_of(TOOLS / "pipx", "install", "--python", sys.executable, checkout, home=home, folder=tmp_path)
    command = Path(home["PIPX_BIN_DIR"]) / "acr-relocate"
    request = shutil.copy(checkout / "examples" / "demo.yaml", tmp_path)

    planned = output_of(
        command, "local-azure", "--seed", "demo", "--", command, "plan", request, "-q", home=home, folder=tmp_path
    )

    assert output_of(command, "version", home=home, folder=tmp_path).startswith("acr-relocate ")
    assert planned.startswith("planned: ")


def test_uvx_runs_it(checkout: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Without installing anything that stays."""
    said = output_of(
        TOOLS / "uvx", "--python", sys.executable, "--from", checkout, "acr-relocate", "version", home=home,
        folder=tmp_path,
    )  # fmt: skip

    assert said.startswith("acr-relocate ")
