"""docs/api.md is true: its own code starts, follows, approves and reads relocations at a real Prefect server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tests.support.architecture import ROOT
from tests.support.prefect_api import working

BLOCKS = re.findall(r"^```(bash|python|text)\n(.*?)^```$", (ROOT / "docs" / "api.md").read_text(), re.M | re.S)
SECONDS = 300


@pytest.fixture(scope="module", name="url")
def _url(shared_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = str(get_current_settings().api.url)
    with working(url, shared_emulator.env, tmp_path_factory.mktemp("worker"), relocate_registry):
        yield url


def program(language: str) -> str:
    """All blocks of a language, one after the other."""
    return "\n".join(text for kind, text in BLOCKS if kind == language)


def promised(language: str) -> str:
    """Return the outputs that the page promises: the text that follows each."""
    pairs = zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True)
    return "".join(text for (kind, _), (after, text) in pairs if kind == language and after == "text")


def executed(command: list[str], url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The command has ended, which knew nothing but the server's address."""
    variables = {"PREFECT_API_URL": url, "PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False
    )


@pytest.mark.usefixtures("emulator")
def test_the_page_does_what_it_says(url: str, tmp_path: Path) -> None:
    """With curl and then with Python: each prints what the page promises.

    Not at once: the first cut-over switches a cluster, so the other plan would change while it waits for its approval.
    """
    commands = {
        "bash": ["bash", "-eu", "-o", "pipefail", "-c", program("bash")],
        "python": [sys.executable, "-c", program("python")],
    }

    for language, command in commands.items():
        result = executed(command, url, tmp_path)
        assert result.stdout == promised(language), result.stderr
        assert result.returncode == 0, result.stderr
