"""A run waits for a person without a process, plans anew when it goes on, and asks again if that is another plan."""

from collections.abc import Iterator

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.approval import Decision
from deployments.processes import wait_until
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tests.service.conftest import LEAST, SUBSCRIPTION, Move, make_move
from tests.serving import PATIENCE, Api, Worker, working

SOURCE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
YES = {"decision": "approve", "name": "Ann Approver", "comment": "CHG-7"}
NO = {"decision": "reject", "name": "Bob Boss", "comment": "not on a Friday"}


@pytest.fixture(scope="module", name="api")
def _api() -> Api:
    return Api(str(get_current_settings().api.url))


@pytest.fixture(scope="module", name="worker")
def _worker(api: Api, shared_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with working(api.url, shared_emulator.env, tmp_path_factory.mktemp("worker"), relocate_registry) as worker:
        yield worker


@pytest.fixture(name="admin_user")
def _admin_user(emulator: Emulator) -> Iterator[None]:
    """The source is afterwards as it was."""
    yield
    emulator.plant(SOURCE, properties={"adminUserEnabled": False})


def to_be_approved(emulator: Emulator) -> Move:
    """A relocation whose request wants the plan approved."""
    return make_move(emulator, LEAST, approvals=["before_deploy", "before_delete"])


@pytest.mark.usefixtures("admin_user")
def test_a_person_decides(api: Api, worker: Worker, emulator: Emulator) -> None:
    """One story, because each of its eight acts needs a process of 10 s: who reads it reads what an approval is."""
    move = to_be_approved(emulator)
    approved, rejected = (api.start("relocate", each.request) for each in (move, to_be_approved(emulator)))

    # Both wait, though both move the same registry: who waits holds neither a process nor the registry.
    api.wait(approved, "Suspended")
    api.wait(rejected, "Suspended")
    assert wait_until(lambda: not worker.children, PATIENCE)
    assert f"Relocate contosoregistry to {move.request.target.name}" in api.question(approved)

    # An answer that is none changes nothing.
    assert api.resume(approved)["status"] == "REJECT"
    assert api.resume(approved, decision="perhaps", name="Ann")["status"] == "REJECT"

    # A rejection ends the run as Cancelled, with the reason; nothing has been written.
    api.resume(rejected, **NO)
    assert "Bob Boss said no before deploy: not on a Friday" in api.wait(rejected, "Cancelled")["state"]["message"]
    assert [(each.by, each.decision) for each in api.report(rejected).approvals] == [("Bob Boss", Decision.REJECT)]

    # What was approved is no longer what would be done: the run says what changed, and asks again.
    emulator.plant(SOURCE, properties={"adminUserEnabled": True})
    assert api.resume(approved, **YES)["status"] == "ACCEPT"
    api.wait(approved, "Suspended")
    assert "adminUserEnabled is true, was false" in api.question(approved)
    assert emulator.stats()["writes"] == []

    # Approved as it is now, it goes on to the end; the report says who, and when the server heard of it.
    assert api.resume(approved, **YES)["status"] == "ACCEPT"
    api.wait(approved, "Completed")
    (approval,) = api.report(approved).approvals
    assert (approval.by, approval.comment, approval.decision) == ("Ann Approver", "CHG-7", Decision.APPROVE)
    resumed = [state["timestamp"] for state in api.states(approved) if state["name"] == "Resuming"]
    assert approval.at.isoformat() == resumed[-1].replace("Z", "+00:00")
