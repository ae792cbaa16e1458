"""The command `acr-relocate`. Exit status: 0 done, 1 not relocated (or another error), 2 bad input, 130 interrupted."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from acr_relocate import template_files
from acr_relocate.core.errors import Failure, InvalidRequest, RelocationError
from acr_relocate.core.left_behind import to_json
from acr_relocate.core.plan import Plan
from acr_relocate.core.preview import Preview, preview_markdown
from acr_relocate.core.report import Report, to_markdown
from acr_relocate.core.report_plan import plan_html, plan_markdown
from acr_relocate.core.request import RelocationRequest
from deployments import requests, server
from deployments.references_cli import app as references

if TYPE_CHECKING:
    from deployments.runner import Ended, FlowName

DONE, NOT_RELOCATED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="acr-relocate",
    help="Moves an Azure Container Registry to another region: plans, checks, redeploys, imports, verifies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(references, name="references")

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


Only = Annotated[
    Path | None,
    typer.Option("--only", metavar="FILE", help="Import nothing but these images: what --failures wrote, or a list."),
]
Pinned = Annotated[
    Path | None,
    typer.Option("--pinned", metavar="FILE", help="Move these images whatever is selected: those that clusters run."),
]
FailuresOut = Annotated[
    Path | None, typer.Option("--failures", metavar="FILE", help="Write here what did not arrive, for --only.")
]


@app.command()
def plan(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    template_out: TemplateOut = None,
    pinned: Pinned = None,
    as_json: AsJson = False,
    html: AsHtml = None,
) -> None:
    """Read only: what would be moved, who depends on it, what stands in the way, how long it takes."""
    files = requests.Files(template, pinned=pinned)
    _conduct("plan", request, files, template_out=template_out, as_json=as_json, html=html)


@app.command()
def run(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    pinned: Pinned = None,
    failures: FailuresOut = None,
    as_json: AsJson = False,
) -> None:
    """Relocate: plan, check, redeploy, import, verify. Again: only what is missing."""
    _conduct("relocate", request, requests.Files(template, pinned=pinned), as_json=as_json, failures=failures)


@app.command()
def sync(
    request: RequestFile,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read only: what would be imported, and what not.")
    ] = False,
    only: Only = None,
    pinned: Pinned = None,
    failures: FailuresOut = None,
    as_json: AsJson = False,
) -> None:
    """Import what the target lacks of the source's content by now."""
    flow: FlowName = "preview-imports" if dry_run else "import-images"
    _conduct(flow, request, requests.Files(only=only, pinned=pinned), as_json=as_json, failures=failures)


@app.command()
def verify(request: RequestFile, *, template: EditedTemplate = None, as_json: AsJson = False) -> None:
    """Compare source and target, content and settings. Changes nothing."""
    _conduct("verify", request, requests.Files(template), as_json=as_json)


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
    files: requests.Files,
    *,
    template_out: Path | None = None,
    as_json: bool,
    html: Path | None = None,
    failures: Path | None = None,
) -> None:
    try:
        request = _accepted(path, files, html, failures)
    except InvalidRequest as error:
        if as_json:
            _print_json({"error": Failure.of(error).model_dump(mode="json")})
        raise
    screen = Console(quiet=as_json)
    try:
        with server.for_this_process(state_folder(), screen.print):
            from deployments import runner  # noqa: PLC0415 - 3 s, and it reads the environment that was just set

            ended = runner.run(flow, request, screen, state_folder() / "acr-relocate.log")
            if template_out and isinstance(ended.result, Plan):
                template_files.write(template_out, ended.result.target.template)
            _tell(ended, screen, as_json=as_json)
            _write(ended, html, screen)
            if failures and isinstance(ended.result, Report):
                _save(failures, to_json(ended.result.left_behind))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(_status(ended))


def _accepted(path: Path, files: requests.Files, *outputs: Path | None) -> RelocationRequest:
    """The request, before anything is started or called."""
    request = requests.load(path, files)
    for output in outputs:
        if output and not output.parent.is_dir():
            raise InvalidRequest(f"There is no folder {output.parent} for {output.name}")
    return request


def _status(ended: "Ended") -> int:
    if ended.interrupted:
        return INTERRUPTED
    if isinstance(ended.error, InvalidRequest):
        return BAD_INPUT
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
        markdown = _markdown(result, embedded=ended.embedded)
        # As it is where nobody looks: laid out for a screen's width, long names would be cut.
        screen.print(Markdown(markdown) if screen.is_terminal else Text(markdown), soft_wrap=not screen.is_terminal)
    if error:
        _say_error(error)
    if ended.interrupted:
        screen.print("Interrupted. Nothing is lost: run the same command again and it goes on.")
    if ended.run_url:
        screen.print(f"This run in the Prefect UI: {ended.run_url}", soft_wrap=True, highlight=False)


def _markdown(result: Plan | Preview | Report, *, embedded: bool) -> str:
    if isinstance(result, Report):
        return to_markdown(result)
    return plan_markdown(result, embedded=embedded) if isinstance(result, Plan) else preview_markdown(result)


def _print_json(data: object) -> None:
    """The result for a machine: plain ASCII, whatever the terminal's encoding and width."""
    typer.echo(json.dumps(data, indent=2))


def _write(ended: "Ended", html: Path | None, screen: Console) -> None:
    """The plan is in the file, if one was asked for and there is a plan."""
    if html is None or not isinstance(ended.result, Plan):
        return
    _save(html, plan_html(ended.result, embedded=ended.embedded))
    screen.print(f"The plan as a page: {html.resolve().as_uri()}", soft_wrap=True, highlight=False)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error}") from None


def _say_error(error: Exception) -> None:
    known = isinstance(error, RelocationError)
    text = str(error) if known else f"unexpected {type(error).__name__}: {error}. See {state_folder()}/acr-relocate.log"
    typer.secho(f"error: {text}", err=True, fg=typer.colors.RED)


if __name__ == "__main__":
    main()
