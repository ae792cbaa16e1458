"""Run a flow in this process at a terminal. Importing this takes 2 s: it imports Prefect."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, cast

from prefect import get_client
from prefect.events.worker import EventsWorker
from prefect.exceptions import CancelledRun, PrefectHTTPStatusError
from prefect.logging.handlers import APILogWorker
from prefect.settings import get_current_settings
from rich.console import Console

from acr_relocate.core.approval.decision import ApprovalNeeded, TerminalAnswer, waits_for
from acr_relocate.core.content.import_preview import Preview
from acr_relocate.core.errors import NotApproved, RelocationError
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from deployments.commands.interruption import Interruption, RelocationFlow
from deployments.commands.options import display
from deployments.commands.terminal import LiveScreen
from deployments.server.connection import ServerNotReached
from tasks.runs.approval import Asker, answered_at_terminal
from tasks.runs.events import Event, RunStarted, observing
from tasks.runs.server_watch import server_is_lost

FlowName = Literal[
    "plan",
    "relocate",
    "keep-name",
    "sync",
    "sync-preview",
    "cut-over",
    "switch-back",
    "verify",
    "compare",
    "delete-source",
    "discard",
    "rehearse",
]
_ENTRYPOINTS: Final[dict[FlowName, tuple[str, str, str]]] = {
    "plan": ("flows.plan", "plan_relocation", "Planning the relocation of"),
    "relocate": ("flows.relocate", "relocate_registry", "Relocating"),
    "keep-name": ("flows.keep_name", "keep_name", "Moving, under its own name,"),
    "sync": ("flows.import_images", "import_images", "Importing missing content of"),
    "sync-preview": ("flows.preview_imports", "preview_imports", "Comparing"),
    "cut-over": ("flows.cut_over", "cut_over_dependents", "Cutting over"),
    "switch-back": ("flows.switch", "switch_back", "Switching back the dependents of"),
    "verify": ("flows.verify", "verify_relocation", "Comparing"),
    "compare": ("flows.verify", "compare_two", "Comparing"),
    "delete-source": ("flows.delete_source", "delete_source", "Deleting the source of"),
    "rehearse": ("flows.rehearse", "rehearse_relocation", "Rehearsing the relocation of"),
    "discard": ("flows.discard_target", "discard_relocation", "Rolling back the relocation of"),
}
"""Module, function and title of each flow. Only the one that runs is imported: each costs 40 ms."""

_RECORDED_SECONDS = 20.0


@dataclass
class RunResult:
    """The result of a run: its plan, preview or report, if it has one, and its error, if it failed."""

    result: Plan | Preview | Report | None = None
    error: Exception | None = None
    interrupted: bool = False
    run_url: str = ""
    embedded: bool = False
    has_begun: bool = False

    @property
    def waits_for(self) -> str:
        """Return the verdict of a run that ended because the next step needs an approval; otherwise empty."""
        if not isinstance(self.error, ApprovalNeeded):
            return ""
        return waits_for(self.error.subject)


def load_flow(flow: FlowName) -> RelocationFlow:
    """Import the flow."""
    module, name, _ = _ENTRYPOINTS[flow]
    return cast("RelocationFlow", getattr(import_module(module), name))


def run_flow(
    flow: FlowName,
    parameters: dict[str, Any],
    console: Console,
    log: Path,
    given: Sequence[TerminalAnswer] = (),
    ask: Asker | None = None,
    *,
    server_stays: bool = False,
) -> RunResult:
    """Run the flow, shown on the console meanwhile; everything that Prefect logs is in the file `log`.

    `given`: the approvals given at the command. `ask`: asks the person at the terminal for others. `server_stays`: the
    Prefect server stays up after this command, so it can record the end of the run without us.
    """
    _log_to(log)
    function, title = load_flow(flow), _ENTRYPOINTS[flow][2]
    ended, interruption = RunResult(), Interruption()
    screen = LiveScreen(console, f"{title} {_names(**parameters)}")

    def observe(event: Event) -> None:
        screen(event)
        if isinstance(event, Plan | Preview | Report):
            ended.result = event
        elif isinstance(event, NotApproved):
            ended.error = event
        elif isinstance(event, RunStarted):
            ended.embedded, ended.has_begun = event.embedded, True
            # The current UI by path: a new browser would get the old one, which does not draw the map.
            ended.run_url = f"{get_current_settings().ui_url}/v2/runs/flow-run/{event.run_id}"

    asked = _with_terminal(ask, screen, interruption) if ask else None
    with screen, observing(observe), answered_at_terminal(given, asked):
        try:
            body = interruption.cancels(function)
            asyncio.run(_supervised(body, parameters, interruption, server_stays=server_stays))
        except (KeyboardInterrupt, asyncio.CancelledError):
            ended.interrupted = True
        except CancelledRun:  # at the terminal, or announced: not approved
            ended.interrupted = interruption.came
        except Exception as error:  # noqa: BLE001 - any error is reported, with the log beside it
            ended.error = _named(error)
    return ended


def _with_terminal(ask: Asker, screen: LiveScreen, interruption: Interruption) -> Asker:
    """Return what asks while the screen rests and a signal ends the question."""

    def asked(needed: ApprovalNeeded) -> TerminalAnswer | None:
        with screen.paused(), interruption.at_question():
            return ask(needed)

    return asked


def _named(error: Exception) -> Exception:
    """Name the error for people: a Prefect server that fails is most often one whose disk is full."""
    if server_is_lost() and not isinstance(error, RelocationError):
        return ServerNotReached(
            "The Prefect server is gone, or cannot write anything down, so the end of this run is not there",
            code="ServerLost",
            remedy="Start it again, or unset PREFECT_API_URL to have one for each command; then run again.",
        )
    if not isinstance(error, PrefectHTTPStatusError) or not error.response.is_server_error:
        return error
    return ServerNotReached(
        f"The Prefect server has failed with the status {error.response.status_code}",
        code="ServerFailed",
        resource=str(error.request.url),
        remedy="See whether the disk that it writes to is full, then run again.",
    )


def _names(
    request: RelocationRequest | None = None,
    source: RegistryRef | None = None,
    target: RegistryRef | None = None,
    **rest: object,
) -> str:
    """Return the names of both registries, and the target's region if requested."""
    del rest
    if request is not None:
        return f"{request.source.name} → {request.target.name} ({request.target.location})"
    return f"{source.name} and {target.name}" if source and target else ""


async def _supervised(
    function: RelocationFlow, parameters: dict[str, Any], interruption: Interruption, *, server_stays: bool
) -> None:
    """Run the flow, until the server has all of it. SIGINT, SIGTERM and a closed terminal end it in order."""
    began = datetime.now(UTC)
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("not inside asyncio.run")

    interruption.listen(task)
    try:
        await function(**parameters)
    finally:
        if not interruption.came and not server_is_lost():
            await _sent()
            if not server_stays:
                await _recorded(began)


async def _sent() -> None:
    """Wait until task runs and logs have left this process: they travel by queues behind the flow's back."""
    await asyncio.to_thread(EventsWorker.drain_all, _RECORDED_SECONDS)
    await asyncio.to_thread(APILogWorker.drain_all, _RECORDED_SECONDS)


async def _recorded(began: datetime) -> None:
    """Wait until the Prefect server has written down what it was sent: one that is stopped now would lose the last.

    Only what began since counts: a run that was killed long ago left task runs that stay Running for ever.
    """
    pending = {
        "task_runs": {
            "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}},
            "expected_start_time": {"after_": began.isoformat()},
        }
    }
    async with get_client() as client:
        for _ in range(int(_RECORDED_SECONDS / 0.5)):
            answer = await client.request("POST", "/task_runs/count", json=pending)
            if not answer.json():
                return
            await asyncio.sleep(0.5)


def _log_to(log: Path) -> None:
    """Send warnings and errors of Prefect and other libraries to the file instead of the live display."""
    logging.raiseExceptions = False  # on a full disk each line would print a traceback; the command says it once
    log.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s - %(message)s"))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    if display().verbose:
        root.addHandler(logging.StreamHandler())
    if display().log_level != logging.WARNING:
        root.setLevel(display().log_level)
        # Authorization headers and answers with secrets: never logged, whatever the level.
        for name in ("azure", "aiohttp", "httpx", "httpcore", "urllib3", "msal"):
            logging.getLogger(name).setLevel(max(display().log_level, logging.WARNING))
