"""A run waits for a person without a process, plans again when resumed, and asks again if the plan has changed."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.approval.decision import Decision
from acr_relocate.core.request.approval_stage import Stage
from deployments.processes import wait_until
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tasks.runs.run_names import named
from tests.service.conftest import LEAST, SUBSCRIPTION, Move, make_move
from tests.support.forks import fork_without_terminal
from tests.support.prefect_api import PATIENCE, Api, Worker, client_environment, working

SOURCE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
YES = {"decision": "approve", "name": "Ann Approver", "comment": "CHG-7"}
NO_ANSWER = 20.0  # seconds; who sees nothing happen for so long presses the key again
SILENCES = 6  # of them; who waits for something that does not come has no more
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


def to_be_approved(emulator: Emulator, *stages: Stage) -> Move:
    """A relocation whose request wants approvals at these stages."""
    return make_move(emulator, LEAST, approvals=list(stages))


@pytest.mark.usefixtures("admin_user")
def test_a_person_decides(api: Api, worker: Worker, emulator: Emulator, tmp_path: Path) -> None:
    """One story, because each of its ten acts needs a process of 10 s: who reads it reads what an approval is."""
    move = to_be_approved(emulator, Stage.BEFORE_DEPLOY, Stage.BEFORE_CUT_OVER)
    other = to_be_approved(emulator, Stage.BEFORE_DEPLOY)
    approved, rejected = (api.start("relocate", each.request) for each in (move, other))

    # Both wait, though both move the same registry: who waits holds neither a process nor the registry.
    api.wait(approved, "Suspended")
    api.wait(rejected, "Suspended")
    assert wait_until(lambda: not worker.children, PATIENCE)
    assert api.run(approved)["state"]["message"].startswith("waiting: approval before deploy, digest ")
    api.wait_to_be_asked(approved, f"Relocate contosoregistry to {move.request.target.name}")

    # An invalid answer changes nothing.
    assert api.resume(approved)["status"] == "REJECT"
    assert api.resume(approved, decision="perhaps", name="Ann")["status"] == "REJECT"

    # A rejection ends the run as Cancelled, with the reason; nothing has been written.
    api.resume(rejected, **NO)
    assert "Rejected by Bob Boss before deploy: not on a Friday" in api.wait(rejected, "Cancelled")["state"]["message"]
    assert [(each.by, each.decision) for each in api.report(rejected).approvals] == [("Bob Boss", Decision.REJECT)]

    # It cannot be approved after that.
    assert api.resume(rejected, **YES)["status"] == "ABORT"
    assert api.run(rejected)["state_name"] == "Cancelled"

    # What was approved is no longer what would be done: the run says what changed, and asks again.
    emulator.plant(SOURCE, properties={"adminUserEnabled": True})
    assert api.resume(approved, **YES)["status"] == "ACCEPT"
    api.wait_to_be_asked(approved, "adminUserEnabled is true, was false")
    assert emulator.stats()["writes"] == []

    # Somebody changes the words of the form: their approval does not count, and the run asks again.
    api.change_question(approved, "Tidy up a little?")
    assert api.resume(approved, **YES)["status"] == "ACCEPT"
    api.wait_to_be_asked(approved, "the form of the last question was changed at the Prefect server")
    assert emulator.stats()["writes"] == []

    # Approved as it is now, it goes on to the next question, which is asked for what is then to be done.
    # An empty standard input approves nothing, nor does another digest; what is approved is shown before.
    by = ("--name", YES["name"], "--comment", YES["comment"])
    approve = partial(command, "approve", approved, *by, server=api.url, folder=tmp_path)
    status, shown, errors = approve()
    assert (status, "Nothing is approved" in errors) == (2, True)
    assert "Nothing is deleted" in shown
    assert approve("--yes")[0] == 2
    assert approve("--yes", "--digest", "0" * 16)[0] == 2
    [digest] = re.findall(r"Digest: (\w{16})", shown)
    api.call("PATCH", f"/flow_runs/{approved}", {"name": named(api.run(approved)["name"], "CHG-77")})
    by_name = ("approve", "CHG-77", *by, "--yes", "--digest", digest)
    status, _, errors = command(*by_name, server=api.url, folder=tmp_path)
    assert status == 0, errors
    api.wait_to_be_asked(approved, f"Cut over from contosoregistry to {move.request.target.name}?")
    assert [write for write in emulator.stats()["writes"] if "roleAssignments" in write] == []

    # Of two people who answer at once one is heard, and the other one knows.
    answers = {"Cid Change": {"decision": "approve"}, "Dan Deputy": {"decision": "approve", "comment": "me too"}}
    with ThreadPoolExecutor() as pool:
        said_to = {name: pool.submit(api.resume, approved, name=name, **answer) for name, answer in answers.items()}
    heard = {future.result()["status"]: name for name, future in said_to.items()}
    assert set(heard) == {"ACCEPT", "ABORT"}

    # The report of the last process says who decided what in all of them, and when the server heard of it.
    api.wait(approved, "Completed")
    _, first, second = api.report(approved).approvals  # and before, the one that had become void
    assert (first.by, first.comment, first.decision) == ("Ann Approver", "CHG-7", Decision.APPROVE)
    assert (second.by, second.stage) == (heard["ACCEPT"], Stage.BEFORE_CUT_OVER)
    resumed = [state["timestamp"] for state in api.states(approved) if state["name"] == "Resuming"]
    assert [each.at.isoformat() for each in (first, second)] == [at.replace("Z", "+00:00") for at in resumed[-2:]]


class TestTerminal:
    def test_who_cannot_be_asked_is_told_what_to_approve(self, api: Api, emulator: Emulator, tmp_path: Path) -> None:
        """Nothing is done without the approval, and with the approval of this very plan all of it."""
        path = tmp_path / "request.yaml"
        path.write_text(to_be_approved(emulator, Stage.BEFORE_DEPLOY).request.model_dump_json())

        status, _, errors = command("run", str(path), server=api.url, folder=tmp_path)
        assert status == 3
        assert emulator.stats()["writes"] == []
        (digest,) = set(re.findall(r"--approve ([0-9a-f]{16})", errors))

        status, shown, errors = command(
            "run", str(path), "--approve", digest, "--full", server=api.url, folder=tmp_path
        )
        assert status == 0, errors
        assert re.search(rf"before deploy\s+of {digest}\s+decision: approved", shown)

    def test_at_a_terminal_a_person_is_asked(self, api: Api, emulator: Emulator, tmp_path: Path) -> None:
        """The question, an answer, a name, a comment; then the plan is drawn up again and carried out, in one run."""
        path = tmp_path / "request.yaml"
        path.write_text(to_be_approved(emulator, Stage.BEFORE_DEPLOY).request.model_dump_json())

        status, shown = at_a_terminal("run", str(path), answers="y\nAnn\nCHG-8\n", server=api.url, folder=tmp_path)

        assert status == 0, shown
        assert "Approve " in shown
        assert "CHG-8" in shown
        assert runs_of(api, path) == ["Completed"]

    def test_a_question_that_is_left_ends_the_run_as_cancelled(
        self, api: Api, emulator: Emulator, tmp_path: Path
    ) -> None:
        """Nothing was changed, and no second run is left at the server."""
        path = tmp_path / "request.yaml"
        path.write_text(to_be_approved(emulator, Stage.BEFORE_DEPLOY).request.model_dump_json())

        status, shown = at_a_terminal(
            "run", str(path), answers="", leave_at="Approve ", server=api.url, folder=tmp_path
        )

        assert status == 130, shown
        assert runs_of(api, path) == ["Cancelled"]
        assert emulator.stats()["writes"] == []


def runs_of(api: Api, request: Path) -> list[str]:
    """The states of all runs of the relocation in this file, without the runs inside them."""
    wanted = json.loads(request.read_text())["target"]["name"]
    runs = api.call("POST", "/flow_runs/filter", {"flow_runs": {"parent_task_run_id": {"is_null_": True}}})
    return [run["state_name"] for run in runs if wanted in json.dumps(run["parameters"])]


def command(*arguments: str, server: str, folder: Path) -> tuple[int, str, str]:
    """Return exit status, standard output and standard error of a command that has no terminal."""
    return fork_without_terminal(arguments, environment_of(server, folder), folder).ended(PATIENCE)


def at_a_terminal(*arguments: str, answers: str, server: str, folder: Path, leave_at: str = "") -> tuple[int, str]:
    """The exit status, and what the terminal showed; what is typed ahead waits in the terminal's own line.

    `leave_at`: at these words the person there presses Ctrl-C; and again where that does nothing, because Python's
    input() does not see a signal that comes between its prompt and its read (of 3,811 that came at once, 30 were lost).
    Who waits for words that do not come leaves, too, after a while.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.cli", *arguments],
        env=environment_of(server, folder) | {"TERM": "xterm", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    shown, is_leaving, silence = b"", False, 0
    with suppress(OSError):  # how Linux says that the other end is closed
        while True:
            says_something = bool(select.select([ours], [], [], NO_ANSWER)[0])
            if says_something:
                chunk = os.read(ours, 65536)
                if not chunk:
                    break
                shown += chunk
            silence = 0 if says_something else silence + 1
            comes = leave_at and not is_leaving and leave_at in shown.decode(errors="replace")
            if comes or silence > (0 if is_leaving else SILENCES):
                process.send_signal(signal.SIGINT)
                is_leaving = True
    os.close(ours)
    return process.wait(), shown.decode(errors="replace")


def environment_of(server: str, folder: Path) -> dict[str, str]:
    return {**os.environ, **client_environment(server), "ACR_RELOCATE_STATE": str(folder)}
