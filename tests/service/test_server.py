"""Our own Prefect server: for our user and this machine alone, at a port of ours, and gone when it is not needed."""

import json
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments import processes
from deployments.server import local_server, prefect_server
from deployments.server.note import NOTE, StateFolderNotUsable, open_folder, read_note
from deployments.server.prefect_server import PrefectServer
from tests.support.prefect_api import PATIENCE

pytestmark = pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # it is known by its id, and ends by that
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FOREIGN = "https://elsewhere.example"
USE_IT = """
import sys
from pathlib import Path
from deployments.server.local_server import use_server
with use_server(Path(sys.argv[1])) as use:
    print(use.server.pid, flush=True)
    sys.stdin.read()
"""


def user_of(state: Path) -> "tuple[subprocess.Popen[str], int]":
    """A process that uses the folder's server until its standard input ends; the server's process id."""
    user = subprocess.Popen(
        [sys.executable, "-c", USE_IT, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout
    return user, int(user.stdout.readline())


def is_gone(pid: int) -> bool:
    return processes.wait_until(lambda: not processes.is_running(pid, prefect_server.MARKER), PATIENCE)


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server that was started in an environment which names other doors."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PREFECT_SERVER_API_HOST", "0.0.0.0")
        environment.setenv("PREFECT_SERVER_API_AUTH_STRING", "")
        environment.setenv("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "*")
        environment.setenv("PREFECT_SERVER_API_PORT", str(processes.free_port(0)))
        environment.setenv("AZURE_CLIENT_SECRET", "not-for-a-server")
        with local_server.shared(tmp_path_factory.mktemp("state") / "own") as server:
            yield server


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic cHJlZmVjdDpwcmVmZWN0"}, {"Origin": FOREIGN}])
def test_the_api_wants_the_password(server: PrefectServer, header: dict[str, str]) -> None:
    """Without it nothing is read and nothing is written, wherever the call comes from."""
    for method, path in (("POST", "/flow_runs/filter"), ("POST", "/artifacts/"), ("GET", "/admin/settings")):
        request = urllib.request.Request(f"{server.ui}/api{path}", b"{}", header, method=method)
        with pytest.raises(urllib.error.HTTPError) as refused:
            DIRECT.open(request)
        refused.value.close()
        assert refused.value.code in {401, 403}


def test_pages_from_elsewhere_are_not_let_in(server: PrefectServer) -> None:
    """A browser asks before it sends a page's call: the answer names no other origin than the server's own."""
    asking = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
    request = urllib.request.Request(f"{server.ui}/api/artifacts/", headers=asking, method="OPTIONS")
    with pytest.raises(urllib.error.HTTPError) as refused:
        DIRECT.open(request)
    refused.value.close()
    assert "access-control-allow-origin" not in refused.value.headers


def test_a_write_wants_a_csrf_token_too(server: PrefectServer) -> None:
    """With the password alone, which a browser may remember, nothing is written."""
    header = server._authorization | {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.ui}/api/artifacts/", b"{}", header, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        DIRECT.open(request)
    refused.value.close()
    assert refused.value.code == 403
    assert server.call("POST", "/flow_runs/filter", {"limit": 1}) == []


def test_it_listens_to_this_machine_only(server: PrefectServer) -> None:
    """The server listens on loopback in any environment, and has none of Azure's secrets in its own."""
    listening = Path("/proc/net/tcp").read_text().splitlines()
    ours = [line.split()[1] for line in listening if line.split()[1].endswith(f":{server.port:04X}")]
    assert "0100007F" in {address.partition(":")[0] for address in ours}
    assert "00000000" not in {address.partition(":")[0] for address in ours}
    assert b"not-for-a-server" not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_what_it_keeps_is_for_our_user_alone(server: PrefectServer) -> None:
    """The folder is 0700 and every file in it 0600; the note has the password, the log has not."""
    state = Path(server.state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*") if path.is_file()}
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}
    assert json.loads((state / NOTE).read_text())["password"] == server.password
    assert server.password not in (state / "server.log").read_text()
    assert server.password not in repr(server)


def test_its_port_cannot_be_taken_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens before it is started: a port that another program has is not chosen."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PREFECT_SERVER_API_PORT", str(other.getsockname()[1]))
        ours = local_server.start_server(tmp_path)
        try:
            assert ours.port != other.getsockname()[1]
            with pytest.raises(OSError, match="in use"):
                socket.create_server(("127.0.0.1", ours.port), reuse_port=False)
        finally:
            local_server.stop_server(ours)


def test_it_ends_when_its_only_user_is_killed(tmp_path: Path) -> None:
    """A command that was killed cannot stop its server, which finds out."""
    user, server = user_of(tmp_path)
    user.kill()
    user.communicate()
    assert is_gone(server)
    assert not (tmp_path / NOTE).exists()


def test_it_ends_with_the_process_that_started_it_alone(tmp_path: Path) -> None:
    """As one that a demo or a test starts for itself."""
    start = "import sys; from pathlib import Path; from deployments.server.local_server import start_server\n"
    start += "print(start_server(Path(sys.argv[1])).pid)"
    ended = subprocess.run([sys.executable, "-c", start, tmp_path], capture_output=True, text=True, check=True)
    assert is_gone(int(ended.stdout))


def test_it_ends_when_its_folder_is_removed(tmp_path: Path) -> None:
    """A removed folder is not needed any more."""
    state = tmp_path / "state"
    user, server = user_of(state)
    (state / NOTE).unlink()
    user.communicate("")
    assert is_gone(server)


def test_it_stays_for_as_long_as_it_was_told_to(tmp_path: Path) -> None:
    """After the last command; then it ends by itself."""
    with local_server.use_server(tmp_path) as use:
        use.stays = 600.0
    assert use.server.is_alive
    with local_server.use_server(tmp_path) as again:
        assert again.was_up
        assert again.server == use.server
    assert use.server.is_alive
    note = tmp_path / NOTE
    note.write_text(json.dumps(json.loads(note.read_text()) | {"stays_until": time.time() - 1}))
    assert is_gone(use.server.pid)


def test_a_command_that_is_interrupted_while_it_starts_one_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the instant between the start of the process and the first use of the server."""
    started: list[PrefectServer] = []

    def start(*arguments: object, **options: object) -> PrefectServer:
        started.append(begin(*arguments, **options))  # type: ignore[arg-type]  # what the original takes
        signal.raise_signal(signal.SIGINT)
        return started[0]

    begin = local_server.start_server
    monkeypatch.setattr(local_server, "start_server", start)

    with pytest.raises(KeyboardInterrupt), local_server.use_server(tmp_path):
        pass

    assert not started[0].is_alive
    assert read_note(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 4200}', '{"state": 1, "port": "x", "pid": 1}', "\0" * 99])
def test_a_broken_note_is_no_note(tmp_path: Path, text: str) -> None:
    """As a full disk or a power cut leaves one: a server is started all the same, and noted."""
    (tmp_path / NOTE).write_text(text)
    assert read_note(tmp_path) is None
    with local_server.use_server(tmp_path) as use:
        found = read_note(tmp_path)
        assert found
        assert found.pid == use.server.pid


def test_a_folder_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    """One from an earlier version, or one that somebody made."""
    state = tmp_path / "state"
    state.mkdir(mode=0o777)
    state.chmod(0o777)
    open_folder(state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """One message with the folder and the variable that names another."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StateFolderNotUsable, match="ACR_RELOCATE_STATE"):
        open_folder(tmp_path / "file" / "state")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
