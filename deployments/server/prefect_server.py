"""A running Prefect server of our own: its API, and the environment for its clients."""

import base64
import json
import os
import urllib.request
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from deployments import processes

MARKER = "prefect server start"
USER = "acr-relocate"
_TASK_RUNS_PER_SECOND = "50"  # recorded by a server with this tuning without falling behind
# Without proxies: a corporate one, or the embedded Azure's, cannot reach this machine's own address.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class PrefectServer:
    """A running server. The UI is at `ui`, its log is `server.log` in the folder `state`."""

    state: str
    port: int
    pid: int
    password: str = field(repr=False)

    @property
    def ui(self) -> str:
        """Return its address for a browser."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth_string(self) -> str:
        """Return the credentials for its UI and PREFECT_API_AUTH_STRING: USER:PASSWORD."""
        return f"{USER}:{self.password}"

    @property
    def is_alive(self) -> bool:
        """Return whether its process exists; it may still be starting."""
        return processes.is_running(self.pid, MARKER)

    @property
    def is_healthy(self) -> bool:
        """Return whether it answers, and is the one of this folder. Waits a few seconds for the answer."""
        try:
            return bool(self.call("GET", "/admin/settings").get("home") == self.state)
        except (OSError, ValueError, AttributeError):
            return False

    def call(self, method: str, path: str, body: object = None, *, timeout: float = 5.0) -> Any:
        """Return the answer of its API, as JSON. Raises OSError (urllib's) for an error or no answer."""
        headers = self._authorization | (self._csrf_token if method != "GET" else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - http, to our own process on this machine
            f"{self.ui}/api{path}", data, headers | {"Content-Type": "application/json"}, method=method
        )
        with _DIRECT.open(request, timeout=timeout) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @cached_property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(self.auth_string.encode()).decode()}"}

    @cached_property
    def _csrf_token(self) -> dict[str, str]:
        given = self.call("GET", f"/csrf-token?client={USER}")
        return {"Prefect-Csrf-Token": given["token"], "Prefect-Csrf-Client": USER}

    @property
    def client_environment(self) -> dict[str, str]:
        """Return the environment for a process that runs its flows here, at the rate that this server can record."""
        excluded = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
        no_proxy = ",".join(filter(None, [excluded, "127.0.0.1", "localhost"]))
        return {
            "PREFECT_API_URL": f"{self.ui}/api",
            "PREFECT_API_AUTH_STRING": self.auth_string,
            "ACR_RELOCATE_TASK_RUNS_PER_SECOND": _TASK_RUNS_PER_SECOND,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "DO_NOT_TRACK": "1",
        }
