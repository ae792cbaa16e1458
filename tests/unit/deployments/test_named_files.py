"""Files that people name on the command line, and the name of who is at it: each is one message, and nothing hangs."""

import getpass
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from acr_relocate.core.errors import InvalidRequest
from deployments.commands.operator_name import operator_name
from deployments.commands.rehearse import load_times
from deployments.commands.saved_plans import load_plan
from deployments.server.register import load_variables

READERS = [load_times, load_plan, load_variables]


@pytest.mark.parametrize("read", READERS, ids=lambda one: one.__name__)
def test_a_pipe_is_refused_and_not_waited_for(read: Callable[[Path], object], tmp_path: Path) -> None:
    """As for requests: opening it would wait for a writer that never comes."""
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(InvalidRequest, match="is not a regular file"):
        read(path)


@pytest.mark.parametrize("read", READERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[[", b"[]"])
def test_other_content_is_one_message(read: Callable[[Path], object], content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "named.json"
    path.write_bytes(content)

    with pytest.raises(InvalidRequest, match=r"named\.json"):
        read(path)


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found"), OSError("no username set")], ids=repr)
def test_an_account_without_a_name_has_its_number(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container that runs as an arbitrary user."""

    def no_name() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", no_name)

    assert operator_name() == f"uid {os.getuid()}"
