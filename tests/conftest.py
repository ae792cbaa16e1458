"""Fixtures for all tests that talk to an embedded Azure through the real SDKs."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local_azure.host import tls
from local_azure.launcher import Emulator, running

CA_DIR = Path(__file__).resolve().parent.parent / ".state" / "test-ca"
# aiohttp makes its TLS context when it is imported: the authority must be in the environment before any test module.
tls.server_context(CA_DIR)
os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = str(tls.ca_file(CA_DIR))

StartEmulator = Callable[..., Emulator]


@pytest.fixture(scope="session")
def start_emulator() -> Iterator[StartEmulator]:
    """An emulator with these options; one process for each set of options, shared by the session."""
    with ExitStack() as stack:
        started: dict[str, Emulator] = {}

        def start(**options: Any) -> Emulator:
            key = repr(sorted(options.items()))
            if key not in started:
                started[key] = stack.enter_context(running(ca_dir=CA_DIR, **options))
            return started[key]

        yield start


@pytest.fixture
def use_emulator(monkeypatch: pytest.MonkeyPatch) -> Callable[[Emulator], Emulator]:
    """Makes this process take an emulator for Azure, for the length of a test."""

    def use(emulator: Emulator) -> Emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        emulator.clear_faults()
        emulator.reset_stats()
        return emulator

    return use


@pytest.fixture
def emulator(start_emulator: StartEmulator, use_emulator: Callable[[Emulator], Emulator]) -> Emulator:
    """An instant, empty Azure."""
    return use_emulator(start_emulator())


@pytest.fixture
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often at the health of a switched dependent: its new revision starts at once, and the waits are our own."""
    monkeypatch.setattr("acr_relocate.azure.changes.switching.FIRST_HEALTH_LOOK", 0.02)
    monkeypatch.setattr("acr_relocate.azure.changes.switching.LONGEST_HEALTH_LOOK", 0.05)
