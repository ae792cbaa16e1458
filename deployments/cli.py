"""The command `acr-relocate`.

Exit status: 0 done, 1 not relocated (or another error), 2 bad input, 3 an approval is needed, 130 interrupted.
"""

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from acr_relocate.azure.client.worker_environment import settle_environment
from acr_relocate.core.errors import InvalidRequest, RelocationError
from deployments.commands import request_files
from deployments.commands.approvals import Approve
from deployments.commands.approvals import app as approvals
from deployments.commands.batch import app as batch
from deployments.commands.clients import app as clients
from deployments.commands.references import app as references
from deployments.commands.retire import app as retirement
from deployments.commands.run_command import (
    BAD_INPUT,
    INTERRUPTED,
    NOT_RELOCATED,
    AsHtml,
    AsJson,
    EditedTemplate,
    RequestFile,
    run_flow_command,
    run_request_command,
    say_error,
)
from deployments.commands.runs import app as runs
from deployments.commands.server import app as server
from deployments.commands.service import app as service
from deployments.commands.sync import app as synchronisation
from deployments.commands.verify import app as verification
from deployments.output import guard_output, lost_output

app = typer.Typer(
    name="acr-relocate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(references, name="references")
app.add_typer(approvals)
app.add_typer(synchronisation)
app.add_typer(verification)
app.add_typer(retirement)
app.add_typer(batch)
app.add_typer(runs)
app.add_typer(service)
app.add_typer(server, name="server")
app.add_typer(clients)

TemplateOut = Annotated[
    Path | None, typer.Option("--template-out", metavar="FILE", help="Write the target's template here, to be edited.")
]


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(f"acr-relocate {version('acr-relocate')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and nothing else.")
]


@app.callback()
def options(*, _: Version = False) -> None:
    """Moves an Azure Container Registry to another region: plans, checks, redeploys, imports, verifies."""


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
    run_request_command("plan", request, template=template, template_out=template_out, as_json=as_json, html=html)


@app.command()
def run(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    approve: Approve = None,
    as_json: AsJson = False,
    html: AsHtml = None,
) -> None:
    """Relocate: plan, check, redeploy, import, cut over, verify. Again: only what is missing."""
    run_flow_command(
        "relocate",
        lambda: {"request": request_files.load_request(request, template)},
        approve=approve,
        as_json=as_json,
        html=html,
    )


@app.command(name="cut-over")
def cut_over(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    approve: Approve = None,
    as_json: AsJson = False,
    html: AsHtml = None,
) -> None:
    """Let everything that depends on the source use the target. Takes nothing away from the source."""
    run_flow_command(
        "cut-over",
        lambda: {"request": request_files.load_request(request, template)},
        approve=approve,
        as_json=as_json,
        html=html,
    )


@app.command()
def doctor(
    request: Annotated[Path | None, typer.Argument(metavar="[REQUEST]", help="Also check these registries.")] = None,
) -> None:
    """Check credential, subscriptions, registries, permissions and the Prefect server, with a remedy for each."""
    wanted = request_files.load_request(request) if request else None
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
    """Entry point. Every error is one clear message, never a traceback, and what cannot be printed stops nothing."""
    output, _ = guard_output()
    status = _status_of(app)
    if reason := lost_output(output):
        say_error(
            RelocationError(f"The output could not be written: {reason}", remedy="Free some space, run it again.")
        )
        status = status or NOT_RELOCATED
    raise SystemExit(status)


def _status_of(command: Callable[..., object]) -> int:
    """The exit status of the command; what ended it was said."""
    try:
        settle_environment()
        command(prog_name="acr-relocate")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except InvalidRequest as error:
        say_error(error)
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - whatever it is, a person is told in one message
        say_error(error)
        return NOT_RELOCATED
    return 0


if __name__ == "__main__":
    main()
