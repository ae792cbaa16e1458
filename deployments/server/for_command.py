"""Choose the Prefect server for a command's flows: the configured one, or else our own."""

import json
import os
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from acr_relocate.core.errors import InvalidRequest
from deployments.server.database import DATABASE, ELSEWHERE
from deployments.server.local_server import use_server
from deployments.slow_imports import without_collector

STAY_MINUTES = "ACR_RELOCATE_SERVER_MINUTES"
DEFAULT_STAY_MINUTES = 5.0
PATIENT_RETRIES = "8"
"""After 2, 4, 8, … 256 s, as the deployments have it. A busy server on SQLite refuses calls (docs/operating.md)."""
UNTRACKED = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
"""Switches off Prefect's telemetry, also in servers that we start. Set for every command before it imports Prefect."""


@contextmanager
def for_this_process(
    state: Path,
    say: Callable[[str], None],
    *,
    meanwhile: Callable[[], None] = lambda: None,
    only_reads: bool = False,
) -> Iterator[bool]:
    """Provide a Prefect server for the block: the one that this process is configured for, or else our own.

    The block is given whether that server keeps running after this command. To be entered before Prefect is imported,
    which reads the environment then. `meanwhile` is called while our own server starts; its error ends the wait.
    `only_reads`: another command is likely to follow soon, so our own server keeps running for some minutes. Raises
    ServerNotReached, ServerDidNotStart.
    """
    # Prefect's own log lines go to its server and our log file, not across the terminal.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    if is_configured():
        _reach()
        yield True
        return
    with use_server(state) as use:
        os.environ.update(use.server.client_environment)
        os.environ.setdefault("PREFECT_HOME", str(state.resolve()))
        if not use.was_up:
            say("Starting a Prefect server for this command…")
            meanwhile()
        use.wait(say)
        stays = stay_seconds() if only_reads else 0.0
        yield stays > 0
        use.stays = stays


def stay_seconds() -> float:
    """Return how long our own server runs on after a command that only reads. Raises InvalidRequest.

    0 in a pipeline: it may wait for every process that a step leaves.
    """
    said = os.environ.get(STAY_MINUTES, "")
    if not said:
        return 0.0 if os.environ.get("CI") else 60 * DEFAULT_STAY_MINUTES
    try:
        minutes = float(said)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= 24 * 60:
        raise InvalidRequest(f"{STAY_MINUTES} is {said!r}, but must be a number of minutes, from 0 to 1440.")
    return 60 * minutes


def has_history(state: Path) -> bool:
    """Return whether there can be runs to read: a server is configured, or one of ours has a database."""
    return is_configured() or (state / DATABASE).exists() or any(map(os.environ.get, ELSEWHERE))


def require_server() -> None:
    """Require a configured Prefect server that answers: one of our own would end with this command.

    Raises InvalidRequest or ServerNotReached.
    """
    if not is_configured():
        raise InvalidRequest(
            "No Prefect server is configured",
            remedy="Set PREFECT_API_URL to one; to have one on this machine: `prefect server start`.",
        )
    _reach()


def _reach() -> None:
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", PATIENT_RETRIES)
    if url := os.environ.get("PREFECT_API_URL"):
        os.environ["PREFECT_API_URL"] = api_address(url)
    with without_collector():
        from deployments.server.connection import ensure_reached  # noqa: PLC0415 - 2 s; Prefect reads the environment when it is imported

    ensure_reached()


def api_address(url: str) -> str:
    """Return the address of a server's API, also from that of its UI, or with a slash at the end."""
    url = url.strip().rstrip("/")
    needs_path = not url.endswith("/api") and not is_server(url) and is_server(f"{url}/api")
    return f"{url}/api" if needs_path else url


def is_configured() -> bool:
    """Return whether the environment or the active Prefect profile names a server."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    home = os.environ.get("PREFECT_HOME") or os.path.expanduser("~/.prefect")  # noqa: PTH111 - Path.home raises without one
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or Path(home) / "profiles.toml")
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise InvalidRequest(
            f"Prefect's profiles in {path} cannot be read: {error}",
            remedy="Correct the file, or set PREFECT_PROFILES_PATH to another one.",
        ) from None
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    return bool(profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL"))


def is_server(api_url: str) -> bool:
    """Return whether the API of a Prefect server answers there: the UI answers anything with its first page."""
    # Called without proxies: a corporate one, or the embedded Azure's, cannot reach this machine's own address.
    local = urllib.request.ProxyHandler({} if "//127.0.0.1" in api_url or "//localhost" in api_url else None)
    try:
        with urllib.request.build_opener(local).open(f"{api_url}/health", timeout=5) as answer:
            return answer.status == 200 and json.loads(answer.read(1024)) is True
    except (urllib.error.URLError, OSError, ValueError):
        return False
