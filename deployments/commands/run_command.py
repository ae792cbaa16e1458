"""Run a flow from the command line: read the request, run the flow, show its result."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from acr_relocate.core.approval.decision import ApprovalNeeded, TerminalAnswer
from acr_relocate.core.errors import Failure, InvalidRequest, NotFound, NotRelocated, RelocationError
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import visible
from deployments.commands import request_files
from deployments.commands.approvals import run_with_approvals
from deployments.commands.options import display
from deployments.commands.results import Shown, print_json, show_result, write_page
from deployments.commands.state import state_folder
from deployments.output import say_in_color
from deployments.server import for_command
from deployments.slow_imports import without_collector

if TYPE_CHECKING:
    from deployments.commands.flow_runner import FlowName, RunResult

ONLY_READ: Final = frozenset({"plan", "sync-preview", "verify", "compare"})
NEED_SOURCE: Final = frozenset({"plan", "sync-preview", "sync"})
DONE, NOT_RELOCATED, BAD_INPUT, APPROVAL_NEEDED, INTERRUPTED = 0, 1, 2, 3, 130
INTERRUPTED_TEXT = "Interrupted. Run the same command again to continue.\ncancelled"
_INTERRUPTED_REHEARSAL = "Interrupted. To remove any rest: acr-relocate rehearse --clean\ncancelled"

RequestFile = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="The request, a YAML or JSON file; - is the standard input.")
]
AsHtml = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write the plan or report as one HTML file.")
]
EditedTemplate = Annotated[
    Path | None,
    typer.Option("--template", metavar="FILE", help="The template to deploy: an edited copy of the plan's."),
]
AllowEmpty = Annotated[
    bool, typer.Option("--allow-empty", help="Continue although the selection matches nothing in the source.")
]


def run_request_command(
    flow: "FlowName",
    path: Path,
    *,
    template: Path | None = None,
    only: Path | None = None,
    allow_empty: bool = False,
    html: Path | None = None,
    **options: Any,
) -> NoReturn:
    """Run the flow with the request in the file, show its result, and end this command with its status."""
    run_flow_command(
        flow,
        lambda: {"request": accept_request_file(path, template, only, allow_empty=allow_empty), **options},
        html=html,
    )


def accept_request_file(
    path: Path, template: Path | None = None, only: Path | None = None, *, allow_empty: bool = False
) -> RelocationRequest:
    """Return the request in the file, updated with the options. Raises InvalidRequest."""
    request = request_files.load_request(path, template, only)
    return request.model_copy(update={"allow_empty": True}) if allow_empty else request


def run_flow_command(
    flow: "FlowName",
    accept: Callable[[], dict[str, Any]],
    *,
    html: Path | None = None,
    approve: Sequence[str] | None = None,
    given: Sequence[TerminalAnswer] = (),
    yes: bool = False,
    then: Callable[[Plan], int | None] | None = None,
) -> NoReturn:
    """Do the same with the parameters from `accept`, which is called first.

    Args:
        flow: The flow to run.
        accept: Returns the parameters, or raises InvalidRequest.
        html: The file for the result as a page.
        approve: Digests that are approved in advance.
        given: Earlier answers, such as by a saved plan.
        yes: Whether to approve every question of the flow.
        then: A further action with a plan; returns the exit status if it differs.

    """
    parameters = accept()
    require_folder(html)
    how = display()
    # Progress goes to standard error: standard output has the result alone.
    screen = Console(stderr=True, quiet=how.as_json or how.quiet, no_color=how.no_color or None)
    try:
        with _prefect_server(flow, parameters, screen) as stays:
            runner, log = _load_runner(flow), state_folder() / "acr-relocate.log"
            attempt = partial(runner.run_flow, flow, parameters, screen, log, server_stays=stays)
            ended = run_with_approvals(attempt, screen, approve or (), given, yes=yes)
            other = then(ended.result) if then and isinstance(ended.result, Plan) and not ended.error else None
            ended.run_url = ended.run_url if stays else ""  # an address that is dead a line later leads nowhere
            _tell(ended, flow)
            _write(ended, html)
    except (KeyboardInterrupt, typer.Abort):  # Abort: at a question, or its terminal was closed
        typer.echo(_interrupted_text(flow), err=True)
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(exit_status(ended) if other is None else other)


@contextmanager
def _prefect_server(flow: "FlowName", parameters: dict[str, Any], screen: Console) -> Iterator[bool]:
    """Provide a Prefect server for the block, which is given whether that one stays up afterwards.

    While our own one starts, the source is looked for, and what is slow is imported.
    """

    def meanwhile() -> None:
        request = parameters.get("request")
        if isinstance(request, RelocationRequest):
            with without_collector():
                from deployments.source_check import check_source  # noqa: PLC0415 - imports the Azure SDK

            check_source(request, has_to_exist=flow in NEED_SOURCE)
        _load_runner(flow)

    reading = flow in ONLY_READ
    with for_command.for_this_process(state_folder(), screen.print, meanwhile=meanwhile, only_reads=reading) as stays:
        yield stays


def _load_runner(flow: "FlowName") -> ModuleType:
    """Import what runs the flow, and the flow. Prefect reads the environment then."""
    with without_collector():
        from deployments.commands import flow_runner  # noqa: PLC0415 - 2 s

        flow_runner.load_flow(flow)
    return flow_runner


def require_folder(html: Path | None) -> None:
    """Raise InvalidRequest, before any call, if the folder of the file does not exist."""
    if html and not html.parent.is_dir():
        raise InvalidRequest(f"There is no folder {html.parent} for {html.name}")


def exit_status(ended: "RunResult") -> int:
    """Return the exit status for the end of a flow."""
    if ended.interrupted:
        return INTERRUPTED
    if isinstance(ended.error, InvalidRequest) or (isinstance(ended.error, NotFound) and not ended.has_begun):
        return BAD_INPUT
    if isinstance(ended.error, ApprovalNeeded):
        return APPROVAL_NEEDED
    blocked = isinstance(ended.result, Plan) and bool(ended.result.blockers)
    return NOT_RELOCATED if ended.error or blocked else DONE


def _interrupted_text(flow: "FlowName") -> str:
    return _INTERRUPTED_REHEARSAL if flow == "rehearse" else INTERRUPTED_TEXT


def _tell(ended: "RunResult", flow: "FlowName") -> None:
    if display().as_json:
        failure = {"error": Failure.of(ended.error).model_dump(mode="json")} if ended.error else {}
        facts = ended.result.model_dump(mode="json") if ended.result else {}
        print_json(facts | failure)
        return
    if ended.interrupted:
        typer.echo(_interrupted_text(flow), err=True)
        return
    shown = ended.result and (ended.has_begun or not ended.error)
    if ended.error:
        say_error(ended.error, in_report=bool(shown) and isinstance(ended.error, NotRelocated))
    if ended.result and shown:
        show_result(Shown(ended.result, embedded=ended.embedded, run_url=ended.run_url), ended.waits_for)


def _write(ended: "RunResult", html: Path | None) -> None:
    """Write the result as a page, if requested and there is a result."""
    if html and ended.result:
        write_page(Shown(ended.result, embedded=ended.embedded), html)


def say_error(error: Exception, *, in_report: bool = False) -> None:
    """Print the error on the standard error: its code and message first, then its remedy on a line of its own.

    `in_report`: the report that follows says the error, so only its remedy is printed.
    """
    if not isinstance(error, RelocationError):
        text = visible(f"unexpected {type(error).__name__}: {error}{_see_log()}")
        say_in_color(f"error: {text}", typer.colors.RED)
        return
    told, _, remedy = str(error).partition(" Remedy: ") if error.remedy else (str(error), "", "")
    if isinstance(error, ApprovalNeeded):  # a question that waits is no error
        say_in_color(f"question: {error.message}", typer.colors.YELLOW)
    elif not in_report:
        say_in_color(f"error: {told}", typer.colors.RED)
    if remedy:
        typer.echo(f"Remedy: {remedy}", err=True)


def _see_log() -> str:
    try:
        return f". See {state_folder()}/acr-relocate.log"
    except InvalidRequest:
        return ""
