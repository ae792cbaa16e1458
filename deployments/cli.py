"""The command `acr-relocate`.

Exit status: 0 done, 1 not relocated (or another error), 2 bad input, 3 an approval is needed, 130 interrupted.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from acr_relocate import template_files
from acr_relocate.core.approval import ApprovalNeeded
from acr_relocate.core.errors import Failure, InvalidRequest, RelocationError
from acr_relocate.core.plan import Plan
from acr_relocate.core.report import Report, to_markdown
from acr_relocate.core.report_plan import plan_html, plan_markdown
from acr_relocate.core.request import RelocationRequest
from deployments import approvals_cli, requests, server
from deployments.approvals_cli import Approve
from deployments.references_cli import app as references
from deployments.service_cli import app as service

if TYPE_CHECKING:
    from deployments.runner import Ended, FlowName

DONE, NOT_RELOCATED, BAD_INPUT, APPROVAL_NEEDED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="acr-relocate",
    help="Moves an Azure Container Registry to another region: plans, checks, redeploys, imports, verifies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(references, name="references")
app.add_typer(approvals_cli.app)
app.add_typer(service)

RequestFile = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="The request, a YAML or JSON file; - is the standard input.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]

AsHtml = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write the plan as one HTML file, with the map.")
]


EditedTemplate = Annotated[
    Path | None,
    typer.Option("--template", metavar="FILE", help="Deploy this template: an edited copy of the plan's."),
]
TemplateOut = Annotated[
    Path | None, typer.Option("--template-out", metavar="FILE", help="Write the target's template here, to be edited.")
]


@app.command()
def plan(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    template_out: TemplateOut = None,
    as_json: AsJson = False,
    html: AsHtml = None,
) -> None:
    """Read only: what would be moved, who depends on it, what stands in the way, how long it takes."""
    _conduct("plan", request, template=template, template_out=template_out, as_json=as_json, html=html)


@app.command()
def run(
    request: RequestFile, *, template: EditedTemplate = None, approve: Approve = None, as_json: AsJson = False
) -> None:
    """Relocate: plan, check, redeploy, import, verify. Again: only what is missing."""
    _conduct("relocate", request, template=template, as_json=as_json, approve=approve)


@app.command()
def sync(request: RequestFile, *, as_json: AsJson = False) -> None:
    """Import what the target lacks of the source's content by now."""
    _conduct("import-images", request, as_json=as_json)


@app.command()
def verify(request: RequestFile, *, template: EditedTemplate = None, as_json: AsJson = False) -> None:
    """Compare source and target, content and settings. Changes nothing."""
    _conduct("verify", request, template=template, as_json=as_json)


@app.command()
def doctor(
    request: Annotated[Path | None, typer.Argument(metavar="[REQUEST]", help="Also check these registries.")] = None,
) -> None:
    """Check credential, subscriptions, registries, permissions and the Prefect server, with a remedy for each."""
    wanted = requests.load(request) if request else None
    from deployments import doctor as examination  # noqa: PLC0415 - imports the Azure SDK: not for bad input

    raise typer.Exit(examination.examine(wanted, Console()))


@app.command(
    name="local-azure",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
def local_azure(context: typer.Context) -> None:
    """Run the embedded Azure, or a command inside its environment: local-azure [OPTIONS] [-- COMMAND]."""
    # The arguments as they were typed: the parser here would swallow the `--` before COMMAND.
    typed = sys.argv[sys.argv.index("local-azure") + 1 :] if "local-azure" in sys.argv else context.args
    # What is installed beside this command, such as this command, is found by COMMAND too.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    os.execv(sys.executable, [sys.executable, "-m", "local_azure", *typed])  # noqa: S606 - our own interpreter


def main() -> None:
    """Entry point. Every error is one clear message, never a traceback."""
    try:
        app(prog_name="acr-relocate")
    except InvalidRequest as error:
        _say_error(error)
        raise SystemExit(BAD_INPUT) from None
    except RelocationError as error:
        _say_error(error)
        raise SystemExit(NOT_RELOCATED) from None


def state_folder() -> Path:
    """Where our own Prefect server keeps the history of the runs that were started here."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(os.environ.get("ACR_RELOCATE_STATE") or Path(home) / "acr-relocate")


def _conduct(
    flow: "FlowName",
    path: Path,
    *,
    template: Path | None = None,
    template_out: Path | None = None,
    as_json: bool,
    html: Path | None = None,
    approve: list[str] | None = None,
) -> None:
    try:
        request = _accepted(path, html, template)
    except InvalidRequest as error:
        if as_json:
            _print_json({"error": Failure.of(error).model_dump(mode="json")})
        raise
    screen = Console(quiet=as_json)
    try:
        with server.for_this_process(state_folder(), screen.print):
            from deployments import runner  # noqa: PLC0415 - 3 s, and it reads the environment that was just set

            ended = approvals_cli.conduct(
                partial(runner.run, flow, request, screen, state_folder() / "acr-relocate.log"), screen, approve or []
            )
            if template_out and isinstance(ended.result, Plan):
                template_files.write(template_out, ended.result.target.template)
            _tell(ended, screen, as_json=as_json)
            _write(ended, html, screen)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(_status(ended))


def _accepted(path: Path, html: Path | None, template: Path | None) -> RelocationRequest:
    """The request, before anything is started or called."""
    request = requests.load(path, template)
    if html and not html.parent.is_dir():
        raise InvalidRequest(f"There is no folder {html.parent} for the page")
    return request


def _status(ended: "Ended") -> int:
    if ended.interrupted:
        return INTERRUPTED
    if isinstance(ended.error, InvalidRequest):
        return BAD_INPUT
    if isinstance(ended.error, ApprovalNeeded):
        return APPROVAL_NEEDED
    return NOT_RELOCATED if ended.error else DONE


def _tell(ended: "Ended", screen: Console, *, as_json: bool) -> None:
    result, error = ended.result, ended.error
    if as_json:
        failure = {"error": Failure.of(error).model_dump(mode="json")} if error else {}
        facts = result.model_dump(mode="json") if result else {}
        _print_json(facts | failure)
        return
    screen.print()
    if result:
        markdown = to_markdown(result) if isinstance(result, Report) else plan_markdown(result, embedded=ended.embedded)
        # As it is where nobody looks: laid out for a screen's width, long names would be cut.
        screen.print(Markdown(markdown) if screen.is_terminal else Text(markdown), soft_wrap=not screen.is_terminal)
    if error:
        _say_error(error)
    if ended.interrupted:
        screen.print("Interrupted. Nothing is lost: run the same command again and it goes on.")
    if ended.run_url:
        screen.print(f"This run in the Prefect UI: {ended.run_url}", soft_wrap=True, highlight=False)


def _print_json(data: object) -> None:
    """The result for a machine: plain ASCII, whatever the terminal's encoding and width."""
    typer.echo(json.dumps(data, indent=2))


def _write(ended: "Ended", html: Path | None, screen: Console) -> None:
    """The plan is in the file, if one was asked for and there is a plan."""
    if html is None or not isinstance(ended.result, Plan):
        return
    try:
        html.write_text(plan_html(ended.result, embedded=ended.embedded), encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{html} cannot be written: {error}") from None
    screen.print(f"The plan as a page: {html.resolve().as_uri()}", soft_wrap=True, highlight=False)


def _say_error(error: Exception) -> None:
    known = isinstance(error, RelocationError)
    text = str(error) if known else f"unexpected {type(error).__name__}: {error}. See {state_folder()}/acr-relocate.log"
    typer.secho(f"error: {text}", err=True, fg=typer.colors.RED)


if __name__ == "__main__":
    main()
