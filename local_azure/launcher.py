"""An embedded Azure in a process of its own, for tests, benchmarks and the demo."""

import contextlib
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

READY_SECONDS = 120  # a start takes 1 s of a processor; a full machine may give it a hundredth of one
ANSWER_SECONDS = 30
STOP_SECONDS = 5
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the admin port is never behind a proxy


class EmulatorError(Exception):
    """The emulator did not start, or its admin port refused a request."""


class Emulator:
    """A running emulator, seen from outside."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any]) -> None:
        self._process = process
        self.proxy: str = ready["proxy"]
        self.admin: str = ready["admin"]
        self.ca: str = ready["ca"]
        self.env: dict[str, str] = ready["env"]

    def stats(self) -> dict[str, Any]:
        """Return the counts of calls since the start or the last reset."""
        return self._call("GET", "/stats")

    def reset_stats(self) -> None:
        """Reset the counters."""
        self._call("POST", "/stats/reset")

    def arm_fault(self, name: str, **params: object) -> None:
        """Arm the fault; `times=` how often."""
        self._call("POST", f"/faults/{name}", params)

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self._call("DELETE", "/faults")

    def faults(self) -> dict[str, Any]:
        """Return the armed faults, and how often each was used."""
        armed: dict[str, Any] = self._call("GET", "/faults")["armed"]
        return armed

    def operations(self) -> list[dict[str, Any]]:
        """Return the operations in progress."""
        under_way: list[dict[str, Any]] = self._call("GET", "/operations")["value"]
        return under_way

    def release(self, operation_id: str = "all") -> int:
        """Release held operations; return their number."""
        return int(self._call("POST", "/operations/release", {"id": operation_id})["released"])

    def content(self, registry: str) -> dict[str, Any]:
        """Return the content of a registry."""
        return self._call("GET", f"/content/{registry}")

    def resources(self, type: str = "") -> list[dict[str, Any]]:  # noqa: A002 - Azure's own word
        """Return the resources of a type, or all."""
        found: list[dict[str, Any]] = self._call("GET", f"/resources?type={type}" if type else "/resources")["value"]
        return found

    def save(self, path: Path) -> None:
        """Save the whole state to a file from which another emulator can start."""
        self._call("POST", "/state", {"path": str(path)})

    def load(self, path: Path) -> None:
        """Load a saved state; no fault is armed."""
        self._call("PUT", "/state", {"path": str(path)})

    def plant(self, resource_id: str, **body: Any) -> None:
        """Plant the resource without any checks; unnamed properties stay."""
        self._call("PUT", "/resources", {"id": resource_id, "body": body})

    def uproot(self, resource_id: str) -> None:
        """Remove the resource with its children, without any checks."""
        self._call("DELETE", "/resources", {"id": resource_id})

    def damage(self, registry: str, repository: str, digest: str) -> None:
        """Change the bytes of the blob."""
        self._call("PUT", f"/content/{registry}/blobs", {"repository": repository, "digest": digest})

    def lose(self, registry: str, repository: str, digest: str) -> None:
        """Remove the blob, though manifests name it."""
        self._call("DELETE", f"/content/{registry}/blobs", {"repository": repository, "digest": digest})

    def add_group(self, object_id: str, name: str, *members: str) -> None:
        """Add a security group with these members, by their object ids."""
        self._call("PUT", "/groups", {"id": object_id, "name": name, "members": members})

    def log(self, workspace: str, table: str, *rows: dict[str, Any]) -> None:
        """Set the rows of the workspace's table; each needs its `TimeGenerated`."""
        self._call("PUT", "/logs", {"workspace": workspace, "table": table, "rows": rows})

    def secrets(self) -> list[str]:
        """Return every secret that was issued or received so far."""
        issued: list[str] = self._call("GET", "/secrets")["value"]
        return issued

    def env_in(self, network: str) -> dict[str, str]:
        """Return the environment of a client in this virtual network, by its id; an empty id is the internet."""
        proxy: str = self._call("POST", "/networks", {"id": network})["proxy"]
        return {name: proxy if value == self.proxy else value for name, value in self.env.items()}

    def stop(self) -> int:
        """Stop the emulator; return its exit status."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.admin + path, data, headers, method=method)  # noqa: S310 - our own loopback address
        try:
            with _direct.open(request, timeout=ANSWER_SECONDS) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise EmulatorError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return answer


@contextlib.contextmanager
def running(  # noqa: PLR0913 - the command line's options, all optional
    seed: str | None = None,
    *,
    profile: str = "instant",
    operations: str | None = None,
    faults: Sequence[str] = (),
    switches: Mapping[str, str] | None = None,
    pace: Mapping[str, str] | None = None,
    ca_dir: Path | None = None,
    state: Path | None = None,
    port: int = 0,
    client_network: str | None = None,
) -> Iterator[Emulator]:
    """Yield an emulator for the duration of the block. `pace`: its options about the duration of imports."""
    options = {
        "seed": seed,
        "profile": profile,
        "operations": operations,
        "ca-dir": ca_dir,
        "state": state,
        "port": port,
        "client-network": client_network,
    }
    command = [sys.executable, "-m", "local_azure"]
    command += [f"--{name}={value}" for name, value in options.items() if value is not None]
    command += [f"--{name}={value}" for name, value in (pace or {}).items()]
    command += [f"--fault={fault}" for fault in faults]
    command += [f"--switch={name}={value}" for name, value in (switches or {}).items()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    assert process.stdout is not None  # noqa: S101 - we asked for a pipe
    emulator = None
    try:
        emulator = Emulator(process, json.loads(_first_line(process, process.stdout)))
        yield emulator
    finally:
        if emulator is not None:
            emulator.stop()
        elif process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def _first_line(process: subprocess.Popen[str], output: IO[str]) -> str:
    """Return the ready line; raise EmulatorError if it does not come in time."""
    timer = threading.Timer(READY_SECONDS, process.kill)
    timer.start()
    try:
        line = output.readline()
    finally:
        timer.cancel()
    if not line:
        raise EmulatorError(f"local-azure did not start (exit status {process.wait()}); its standard error says why")
    return line
