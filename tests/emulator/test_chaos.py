"""The fault `chaos`: calls fail in every way in which calls to a cloud do, and only as many as asked for."""

import pytest
import requests

from local_azure.launcher import Emulator

METADATA = "https://management.azure.com/metadata/endpoints?api-version=2022-09-01"


def outcome(session: requests.Session) -> str:
    try:
        return str(session.get(METADATA, timeout=10).status_code)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        return "truncated" if "IncompleteRead" in str(error) else "cut"


@pytest.fixture(name="session")
def _session() -> requests.Session:
    return requests.Session()


def test_every_call_fails_in_one_of_the_ways(demo: Emulator, session: requests.Session) -> None:
    """With a share of 1 nothing is answered as it should be, and each way is seen."""
    demo.arm_fault("chaos", share=1, hang=0.01)
    with session:
        seen = {outcome(session) for _ in range(80)}
    demo.clear_faults()

    assert seen == {"429", "500", "503", "cut", "truncated"}


def test_a_part_of_the_calls_fails(demo: Emulator, session: requests.Session) -> None:
    """As many bite as the share says, more or less, and the others are answered."""
    demo.arm_fault("chaos", share=0.3, hang=0.01)
    with session:
        seen = [outcome(session) for _ in range(100)]
    demo.clear_faults()

    assert 10 <= sum(one != "200" for one in seen) <= 60


def test_it_keeps_to_its_plane(demo: Emulator, session: requests.Session) -> None:
    """Other planes are answered."""
    demo.arm_fault("chaos", share=1, plane="registry")
    with session:
        seen = {outcome(session) for _ in range(20)}
    demo.clear_faults()

    assert seen == {"200"}
