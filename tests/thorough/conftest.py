"""The same house as tests/service: a real Prefect server, and the real SDK over HTTPS against the embedded Azure."""

from collections.abc import Iterator

import pytest

from local_azure.launcher import Emulator, running
from tests.service.conftest import _collected, _prefect_server, _short_waits

__all__ = ["_collected", "_prefect_server", "_short_waits"]


@pytest.fixture
def own_demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A demo that no other test changes, and this process in its environment."""
    with running("demo") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        yield emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here as thorough. Prefect opens a client for each flow run that it never closes."""
    for item in items:
        if "tests/thorough/" in item.nodeid:
            item.add_marker(pytest.mark.thorough)
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
