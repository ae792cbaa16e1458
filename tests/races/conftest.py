"""An embedded Azure of its own for the races."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_azure.launcher import Emulator, running


@pytest.fixture(name="emulator")
def _emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with running(ca_dir=tmp_path) as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        yield emulator
