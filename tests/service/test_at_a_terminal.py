"""A cut-over that waits: passwords are shown once, at a terminal; a digest approves what it stands for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.request.approval_stage import Stage
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tests.service.conftest import LEAST, make_move
from tests.service.deleting import SOURCE
from tests.service.test_approvals import at_a_terminal, command
from tests.service.test_secrets import database, texts

TOO_SHORT = "not a name: two characters or more"


@dataclass
class Prepared:
    """A target that is there, with tokens that have no password, and the file of its request."""

    emulator: Emulator
    file: Path
    target_id: str
    server: str

    def token(self, name: str) -> dict[str, Any]:
        path = f"{self.target_id}/tokens/{name}".lower()
        return dict(next(one for one in self.emulator.resources() if one["id"].lower() == path)["properties"])


@pytest.fixture(scope="module", name="emulator_with_tokens")
def _emulator_with_tokens() -> Iterator[Emulator]:
    with running("demo") as emulator:
        for name in ("edge-site-1", "ingest-ci"):
            emulator.plant(
                f"{SOURCE}/tokens/{name}", properties={"credentials": {"passwords": [{"name": "password1"}]}}
            )
        yield emulator


@pytest.fixture(name="prepared")
async def _prepared(emulator_with_tokens: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    emulator = emulator_with_tokens
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    request = make_move(emulator, LEAST, approvals=[Stage.BEFORE_CUT_OVER]).request
    await relocate_registry(request.model_copy(update={"cut_over": False}))
    file = tmp_path / "request.yaml"
    file.write_text(request.model_dump_json())
    emulator.reset_stats()
    return Prepared(emulator, file, request.target_id, str(get_current_settings().api.url))


def test_passwords_are_shown_once_at_a_terminal_and_nowhere_else(prepared: Prepared, tmp_path: Path) -> None:
    """Not into a pipe, which a log would have; each is one that Azure gave out; none is in Prefect or in a file."""
    folder = tmp_path / "state"
    status, output, errors = command("passwords", str(prepared.file), server=prepared.server, folder=folder)
    assert (status, output) == (2, "")
    assert "standard output is not a terminal" in errors
    assert not prepared.token("edge-site-1")["credentials"].get("passwords")

    status, shown = at_a_terminal("passwords", str(prepared.file), answers="", server=prepared.server, folder=folder)
    passwords = dict(re.findall(r"^([\w-]+) password1: (\S+)\r?$", shown, re.MULTILINE))
    assert status == 0, shown
    assert set(passwords) == {"edge-site-1", "ingest-ci"}
    assert set(passwords.values()) <= set(prepared.emulator.secrets())
    assert [one["name"] for one in prepared.token("edge-site-1")["credentials"]["passwords"]] == ["password1"]

    _, again = at_a_terminal("passwords", str(prepared.file), answers="", server=prepared.server, folder=folder)
    kept = "\n".join([*texts(database()), *(one.read_text() for one in tmp_path.rglob("*") if one.is_file())])
    assert [password for password in passwords.values() if password in kept + again] == []


def test_a_digest_approves_what_it_stands_for(prepared: Prepared, tmp_path: Path) -> None:
    """Another is refused, saying what it would have to be, before anything is written; the right one goes on."""
    arguments = ("cut-over", str(prepared.file), "--full", "--approve")
    status, _, errors = command(*arguments, "0123456789abcdef", server=prepared.server, folder=tmp_path)
    assert status == 3, errors
    assert prepared.emulator.stats()["writes"] == []
    assert errors.count("error:") <= 1
    [digest] = set(re.findall(r"--approve ([0-9a-f]{16})", errors))

    status, output, _ = command(*arguments, digest, server=prepared.server, folder=tmp_path)
    assert [write for write in prepared.emulator.stats()["writes"] if "roleAssignments" in write]
    assert status == 1, "the tokens lack passwords, which is a difference"
    assert "`acr-relocate passwords` makes one" in output

    at_a_terminal("passwords", str(prepared.file), answers="", server=prepared.server, folder=tmp_path)
    status, output, errors = command("cut-over", str(prepared.file), "--json", server=prepared.server, folder=tmp_path)
    assert status == 0, output + errors


@pytest.mark.parametrize("leaving", ["Ctrl-C", "Ctrl-D"])
def test_what_does_not_fit_is_asked_again_and_a_question_can_be_left(
    leaving: str, prepared: Prepared, tmp_path: Path
) -> None:
    """A name of one letter is invalid: the question is repeated. Leaving a question changes nothing."""
    status, shown = at_a_terminal(
        "cut-over",
        str(prepared.file),
        answers="y\nA\n" + ("\x04" if leaving == "Ctrl-D" else ""),
        leave_at=TOO_SHORT if leaving == "Ctrl-C" else "",
        server=prepared.server,
        folder=tmp_path,
    )

    assert TOO_SHORT in shown
    assert "Traceback" not in shown
    assert status == 130
    assert prepared.emulator.stats()["writes"] == []
