import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local_azure.host import tls
from local_azure.host.front_door import FrontDoor
from local_azure.launcher import Emulator, EmulatorError, running
from local_azure.state.settings import Settings
from local_azure.state.world import World
from local_azure.wire.routing import Router, Routes
from tests.conftest import CA_DIR

METADATA = "https://management.azure.com/metadata/endpoints?api-version=2022-09-01"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "local_azure", f"--ca-dir={CA_DIR}", *arguments]


def test_other_hosts_are_refused(emulator: Emulator) -> None:
    """Nothing leaves: the proxy answers 403 for every host that is not Azure's."""
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        requests.get("https://example.com/", timeout=10)
    plain = requests.get("http://example.com/", proxies={"http": emulator.proxy}, timeout=10)
    assert plain.status_code == 403


def test_login_server_of_no_registry_does_not_resolve(emulator: Emulator) -> None:
    """A registry that is not there answers as a name that DNS does not know does behind a proxy."""
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        requests.get("https://nosuchregistry.azurecr.io/v2/", timeout=10)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("management.azure.com", "AzureCloud"),
        ("management.chinacloudapi.cn", "AzureChinaCloud"),
        ("management.usgovcloudapi.net", "AzureUSGovernment"),
    ],
)
def test_clouds_have_their_own_metadata(emulator: Emulator, host: str, name: str) -> None:
    """The sovereign clouds are served under their own names."""
    response = requests.get(f"https://{host}/metadata/endpoints?api-version=2022-09-01", timeout=10)
    assert response.json()["name"] == name


def test_every_answer_can_be_correlated(emulator: Emulator) -> None:
    """The caller's correlation id comes back; without one there is a new one."""
    headers = requests.get(METADATA, headers={"x-ms-correlation-request-id": "mine"}, timeout=10).headers
    assert headers["x-ms-correlation-request-id"] == "mine"
    assert headers["x-ms-request-id"]


def test_two_emulators_know_nothing_of_each_other() -> None:
    """Several processes run at once, with one authority, on ports of their own."""
    with running(ca_dir=CA_DIR) as one, running(ca_dir=CA_DIR) as other:
        assert requests.get(METADATA, proxies={"https": one.proxy}, timeout=10).ok
        assert one.stats()["planes"] == {"arm": 1}
        assert other.stats()["planes"] == {}


def test_state_outlives_the_process(tmp_path: Path) -> None:
    """Saved state is there in the next process, and saved again when that ends."""
    file, kept = tmp_path / "state.json", "/subscriptions/22222222-2222-2222-2222-222222222222"
    with running(ca_dir=CA_DIR) as emulator:
        emulator.save(file)
    state = json.loads(file.read_text())
    state["resources"].append({"id": f"{kept}/resourceGroups/kept", "body": {"location": "westeurope"}})
    file.write_text(json.dumps(state))
    with running(ca_dir=CA_DIR, state=file) as emulator:
        assert [group["name"] for group in emulator.resources("Microsoft.Resources/resourceGroups")] == ["kept"]
    assert "kept" in file.read_text()


def test_command_runs_inside_and_its_status_is_ours() -> None:
    """With a command, the emulator lives as long as the command and exits as it did."""
    script = "import os, requests, sys; requests.get(os.environ['URL'], timeout=10); sys.exit(7)"
    environment = {**os.environ, "URL": METADATA}
    done = subprocess.run(command("--", sys.executable, "-c", script), env=environment, timeout=30, check=False)
    assert done.returncode == 7
    assert subprocess.run(command("--", "/no/such/command"), timeout=30, check=False).returncode == 127


def test_signals_reach_the_command() -> None:
    """A signal for the emulator goes to the command, which decides."""
    script = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); print(flush=True); signal.pause()"
    )
    with subprocess.Popen(command("--", sys.executable, "-c", script), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_at_once(number: signal.Signals) -> None:
    """A person or a supervisor can end it; the exit is clean and nothing is printed."""
    with subprocess.Popen(command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        requests.get(METADATA, proxies={"https": ready["proxy"]}, timeout=10)
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--fault=no-such-fault", "there is no fault"),
        ("--switch=import_accept=201", "import_accept=201 is not one of 202, 200"),
        ("--profile=fast", "'--profile': 'fast' is not one of 'instant', 'realistic'."),
    ],
)
def test_bad_options_are_explained(option: str, message: str) -> None:
    """A wrong option is one message and exit status 2."""
    done = subprocess.run(command(option), capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, message in done.stderr) == (2, True)


def test_unknown_fault_is_refused_by_the_admin_port(emulator: Emulator) -> None:
    """A misspelt fault is an error, so that no test passes because nothing went wrong."""
    with pytest.raises(EmulatorError, match="there is no fault"):
        emulator.arm_fault("import-hang")


def test_route_prefers_what_is_literal() -> None:
    """Literal segments win over names, names over paths, and a known method wins over a better match."""
    table = Routes()
    for methods, template in (
        ("GET", "/v2/{name:path}/tags/list"),
        ("GET PUT", "/v2/{name:path}/manifests/{reference}"),
        ("GET", "/v2/_catalog"),
        ("GET", "/acr/{name:path}"),
        ("GET", "/acr/{name:path}/_tags"),
        ("PUT", "/{anything:path}"),
    ):
        table.route(methods, template)(None)  # type: ignore[arg-type]
    router = Router("test", [table])
    assert router.match("GET", "/V2/team%2Fapp/Tags/list")[::2] == ("/v2/{name:path}/tags/list", {"name": "team/app"})  # type: ignore[index]
    assert router.match("GET", "/v2/a/manifests/b/manifests/c")[2] == {"name": "a/manifests/b", "reference": "c"}  # type: ignore[index]
    assert router.match("GET", "/acr/team/app/_tags")[2] == {"name": "team/app"}  # type: ignore[index]
    assert router.match("GET", "/acr/team/app")[2] == {"name": "team/app"}  # type: ignore[index]
    assert router.match("GET", "/v2/_catalog")[0] == "/v2/_catalog"  # type: ignore[index]
    assert router.match("PUT", "/v2/_catalog")[0] == "/{anything:path}"  # type: ignore[index]
    assert router.match("DELETE", "/v2/_catalog") is None


async def _no_sockets(address: str) -> asyncio.Server:
    raise AssertionError(address)


async def test_fresh_login_server_does_not_resolve_at_once() -> None:
    """With the fault, the name of a registry made since is unknown for a while; older ones and other hosts are not."""
    world = World(Settings())
    registries = f"{world.add_group('g', 'westeurope').id}/providers/Microsoft.ContainerRegistry/registries"
    world.add(f"{registries}/old", {"properties": {"loginServer": "old.azurecr.io"}}).created = 1
    world.faults.arm("dns-not-yet", times=1)
    world.add(f"{registries}/new", {"properties": {"loginServer": "new.azurecr.io"}})
    door = FrontDoor(world, _no_sockets)
    assert await door.admit("old.azurecr.io") is None
    assert await door.admit("new.azurecr.io") == "502 Bad Gateway"
    assert await door.admit("new.azurecr.io") is None
    assert await door.admit("new.westeurope.data.azurecr.io") is None
    assert await door.admit("management.azure.com") is None


def test_certificates_are_used_again(tmp_path: Path) -> None:
    """A second start with the same directory keeps the authority that clients already trust."""
    tls.server_context(tmp_path)
    first = tls.ca_file(tmp_path).read_bytes()
    tls.server_context(tmp_path)
    assert tls.ca_file(tmp_path).read_bytes() == first
