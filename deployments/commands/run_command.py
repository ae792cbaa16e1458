"""A flow, from the command line to its end: what was asked is accepted, run, told, and written to a page."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from acr_relocate.core.approval.decision import ApprovalNeeded
from acr_relocate.core.content.import_preview import Preview, preview_markdown
from acr_relocate.core.errors import Failure, InvalidRequest, RelocationError
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.plan_page import plan_html, plan_markdown
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.report_page import report_html, report_markdown
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import visible
from acr_relocate.files import private_files, template_files
from deployments.commands import request_files
from deployments.commands.approvals import run_until_approved
from deployments.server import for_command

if TYPE_CHECKING:
    from deployments.commands.flow_runner import FlowName, RunResult

ONLY_READ: Final = frozenset({"plan", "preview-imports", "verify", "compare"})
NEED_SOURCE: Final = frozenset({"plan", "preview-imports", "import-images"})
DONE, NOT_RELOCATED, BAD_INPUT, APPROVAL_NEEDED, INTERRUPTED = 0, 1, 2, 3, 130

RequestFile = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="The request, a YAML or JSON file; - is the standard input.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]
AsHtml = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write the plan or report as one HTML file.")
]
EditedTemplate = Annotated[
    Path | None,
    typer.Option("--template", metavar="FILE", help="The template to deploy: an edited copy of the plan's."),
]


def state_folder() -> Path:
    """Where our own Prefect server keeps the history of the runs that were started here."""
    if named := os.environ.get("ACR_RELOCATE_STATE"):
        return Path(named)
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111 - as below
    if home.startswith("~"):  # Path.home would raise a RuntimeError
        raise InvalidRequest(
            "HOME is not set, so there is no folder for the history of runs",
            remedy="Name one: ACR_RELOCATE_STATE=FOLDER.",
        )
    return Path(home) / "acr-relocate"


def run_request_command(
    flow: "FlowName",
    path: Path,
    *,
    template: Path | None = None,
    only: Path | None = None,
    template_out: Path | None = None,
    as_json: bool,
    html: Path | None = None,
    **options: Any,
) -> NoReturn:
    """The flow has run with the request in the file, its result is told, and this command ends with its status."""
    run_flow_command(
        flow,
        lambda: {"request": request_files.load_request(path, template, only), **options},
        template_out=template_out,
        as_json=as_json,
        html=html,
    )


def run_flow_command(
    flow: "FlowName",
    accept: Callable[[], dict[str, Any]],
    *,
    template_out: Path | None = None,
    as_json: bool,
    html: Path | None = None,
    approve: Sequence[str] | None = None,
) -> NoReturn:
    """The same with whatever parameters `accept` returns, before anything is started or called."""
    try:
        parameters = accept()
        require_folder(html)
    except InvalidRequest as error:
        if as_json:
            _print_json({"error": Failure.of(error).model_dump(mode="json")})
        raise
    screen = Console(quiet=as_json)
    try:
        with _prefect_server(flow, parameters, screen, as_json=as_json):
            from deployments.commands import flow_runner  # noqa: PLC0415 - 3 s, and it reads the environment that was just set

            attempt = partial(flow_runner.run, flow, parameters, screen, state_folder() / "acr-relocate.log")
            ended = run_until_approved(attempt, screen, approve or ())
            if template_out and isinstance(ended.result, Plan):
                template_files.write(template_out, ended.result.target.template)
            _tell(ended, screen, as_json=as_json)
            _write(ended, html, screen)
    except (KeyboardInterrupt, typer.Abort):  # Abort: at a question, or its terminal was closed
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(_status(ended))


@contextmanager
def _prefect_server(flow: "FlowName", parameters: dict[str, Any], screen: Console, *, as_json: bool) -> Iterator[None]:
    """A Prefect server for the block. While our own one starts, the source is looked for and what is slow imported."""

    def meanwhile() -> None:
        request = parameters.get("request")
        if flow in NEED_SOURCE and isinstance(request, RelocationRequest):
            from deployments.source_check import check_source  # noqa: PLC0415 - imports the Azure SDK

            check_source(request)
        from deployments.commands import flow_runner  # noqa: F401, PLC0415 - to be there when the server is

    with ExitStack() as stack:
        try:
            reading = flow in ONLY_READ
            stack.enter_context(
                for_command.for_this_process(state_folder(), screen.print, meanwhile=meanwhile, only_reads=reading)
            )
        except RelocationError as error:
            if as_json:
                _print_json({"error": Failure.of(error).model_dump(mode="json")})
            raise
        yield


def require_folder(html: Path | None) -> None:
    """The page can be written there. Raises InvalidRequest, before anything is called."""
    if html and not html.parent.is_dir():
        raise InvalidRequest(f"There is no folder {html.parent} for the page")


def _status(ended: "RunResult") -> int:
    if ended.interrupted:
        return INTERRUPTED
    if isinstance(ended.error, InvalidRequest):
        return BAD_INPUT
    if isinstance(ended.error, ApprovalNeeded):
        return APPROVAL_NEEDED
    return NOT_RELOCATED if ended.error else DONE


def _tell(ended: "RunResult", screen: Console, *, as_json: bool) -> None:
    result, error = ended.result, ended.error
    if as_json:
        failure = {"error": Failure.of(error).model_dump(mode="json")} if error else {}
        facts = result.model_dump(mode="json") if result else {}
        _print_json(facts | failure)
        return
    screen.print()
    if result:
        markdown = _markdown(result, embedded=ended.embedded)
        # As it is where nobody looks: laid out for a screen's width, long names would be cut.
        screen.print(Markdown(markdown) if screen.is_terminal else Text(markdown), soft_wrap=not screen.is_terminal)
    if error:
        say_error(error)
    if ended.interrupted:
        screen.print("Interrupted. Nothing is lost: run the same command again and it goes on.")
    if ended.run_url:
        screen.print(f"This run in the Prefect UI: {ended.run_url}", soft_wrap=True, highlight=False)


def _markdown(result: Plan | Preview | Report, *, embedded: bool) -> str:
    if isinstance(result, Report):
        return report_markdown(result)
    return plan_markdown(result, embedded=embedded) if isinstance(result, Plan) else preview_markdown(result)


def _print_json(data: object) -> None:
    """The result for a machine: plain ASCII, whatever the terminal's encoding and width, and no pipeline's command."""
    typer.echo(json.dumps(data, indent=2).replace("##", "#\\u0023"))


def _write(ended: "RunResult", html: Path | None, screen: Console) -> None:
    """The plan or the report is in the file, if one was asked for and there is one."""
    result = ended.result
    if html is None or result is None or isinstance(result, Preview):
        return
    page = report_html(result) if isinstance(result, Report) else plan_html(result, embedded=ended.embedded)
    private_files.write_private(html, page)
    what = "report" if isinstance(result, Report) else "plan"
    screen.print(f"The {what} as a page: {html.resolve().as_uri()}", soft_wrap=True, highlight=False)


def say_error(error: Exception) -> None:
    """The error is one message on the standard error."""
    known = isinstance(error, RelocationError)
    text = str(error) if known else visible(f"unexpected {type(error).__name__}: {error}{_see_log()}")
    typer.secho(f"error: {text}", err=True, fg=typer.colors.RED)


def _see_log() -> str:
    try:
        return f". See {state_folder()}/acr-relocate.log"
    except InvalidRequest:
        return ""
