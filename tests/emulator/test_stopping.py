"""The fault `stops-at-write`: the one write is stopped that was asked for, later ones only if that was, and no read."""

from local_azure.launcher import Emulator
from tests.emulator.conftest import SUBSCRIPTION, Send

WEST = {"location": "westeurope"}


def test_a_write_is_refused_before_its_effect(emulator: Emulator, send: Send, group_name: str) -> None:
    """The second of them, whatever the case of its path; all others are carried out."""
    path = f"{SUBSCRIPTION}/resourceGroups/{group_name}"
    emulator.arm_fault("stops-at-write", write=f"PUT {path}".lower(), number=2)

    answers = [send("PUT", path, body=WEST | {"tags": {"try": number}}).status_code for number in "123"]

    assert answers == [201, 403, 200]
    assert emulator.faults()["stops-at-write"]["taken"] == 1


def test_a_write_is_carried_out_and_nothing_after_it(emulator: Emulator, send: Send, group_name: str) -> None:
    """A retry after the lost answer is refused; the effect can be read."""
    path = f"{SUBSCRIPTION}/resourceGroups/{group_name}"
    emulator.arm_fault("stops-at-write", write=f"PUT {path}", after=1, onward=1)

    assert send("PUT", path, body=WEST).status_code == 403  # the SDK has asked again
    assert send("PUT", f"{path}-other", body=WEST).status_code == 403
    assert send("GET", path).status_code == 200
