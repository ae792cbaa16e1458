"""One embedded Azure with the lifelike seed, and the real clients that `make test-clients` installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_azure.launcher import Emulator, running
from tests.support.architecture import ROOT

CLIENTS = ROOT / ".clients"
Run = Callable[..., str]


@pytest.fixture(scope="session")
def azure() -> Iterator[Emulator]:
    with running(seed="demo") as emulator:
        yield emulator


@pytest.fixture(scope="session")
def environment(azure: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a person's shell inside `acr-relocate local-azure -- COMMAND`."""
    path = os.pathsep.join([str(CLIENTS / "az" / "bin"), os.environ["PATH"]])
    return {**os.environ, **azure.env, "PATH": path, "AZURE_CONFIG_DIR": str(tmp_path_factory.mktemp("az"))}


@pytest.fixture(scope="session")
def run(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run one client command; its standard output, or a failed test that shows what it said."""
    folder = tmp_path_factory.mktemp("work")

    def run_command(*command: str, cwd: Path = folder) -> str:
        assert shutil.which(command[0], path=environment["PATH"]), (
            f"{command[0]} is missing: make test-clients installs it"
        )
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run_command


@pytest.fixture(scope="session")
def az(run: Run, environment: dict[str, str]) -> Callable[..., Any]:
    """Run az, signed in, and parse its JSON."""
    run(
        "az", "login", "--service-principal", "--username", environment["AZURE_CLIENT_ID"],
        "--password", environment["AZURE_CLIENT_SECRET"], "--tenant", environment["AZURE_TENANT_ID"],
    )  # fmt: skip

    def run_az(*arguments: str) -> Any:
        output = run("az", *arguments, "--output", "json")
        return json.loads(output) if output.strip() else None

    return run_az
