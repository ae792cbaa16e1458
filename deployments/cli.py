"""The command `acr-relocate`.

Exit status: 0 done, 1 not relocated or blocked (or another error), 2 bad input, 3 an approval is needed, 130
interrupted. `plan --detailed-exitcode`: 0 no changes, 2 changes, 1 blocked or failed, 64 bad input.
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
from acr_relocate.core.errors import Failure, InvalidRequest, NotFound, RelocationError
from deployments.commands import request_files
from deployments.commands.approvals import app as approvals
from deployments.commands.batch import app as batch
from deployments.commands.clients import app as clients
from deployments.commands.compare_recording import COMPARE, compare_file
from deployments.commands.export import app as exporting
from deployments.commands.options import display
from deployments.commands.panels import OrderedCommands, use_plain_help
from deployments.commands.prove import app as proof
from deployments.commands.references import app as references
from deployments.commands.rehearse import app as rehearsal
from deployments.commands.relocate import app as relocation
from deployments.commands.results import print_json
from deployments.commands.retire import app as retirement
from deployments.commands.run_command import BAD_INPUT, INTERRUPTED, NOT_RELOCATED, say_error
from deployments.commands.runs import app as runs
from deployments.commands.schedule import app as schedule
from deployments.commands.server import app as server
from deployments.commands.service import app as service
from deployments.commands.starting import app as starting
from deployments.commands.sync import app as synchronisation
from deployments.commands.verify import app as verification
from deployments.output import guard_output, lost_output, say_in_color
from deployments.server.for_command import UNTRACKED

app = typer.Typer(
    name="acr-relocate",
    cls=OrderedCommands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

app.add_typer(relocation)
app.add_typer(rehearsal)
app.add_typer(starting)
app.add_typer(references, name="references")
app.add_typer(approvals)
app.add_typer(synchronisation)
app.add_typer(verification)
app.add_typer(proof)
app.add_typer(exporting)
app.add_typer(retirement)
app.add_typer(batch)
app.add_typer(runs)
app.add_typer(schedule, name="schedule")
app.add_typer(service)
app.add_typer(server, name="server")
app.add_typer(clients)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(f"acr-relocate {version('acr-relocate')}")
        raise typer.Exit


DETAILED_BAD_INPUT = 64
"""With --detailed-exitcode, where 2 says that there are changes. It is EX_USAGE of sysexits."""

Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and nothing else.")
]


@app.callback()
def options(*, _: Version = False) -> None:
    """Move an Azure Container Registry to another region: plan, check, redeploy, import, cut over, verify."""


@app.command()
def doctor(
    request: Annotated[Path | None, typer.Argument(metavar="REQUEST", help="Also check these registries.")] = None,
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
    """Run the embedded Azure on this machine, or a command inside its environment."""
    # The original arguments: the parser here would remove the `--` before COMMAND.
    typed = sys.argv[sys.argv.index("local-azure") + 1 :] if "local-azure" in sys.argv else context.args
    if COMPARE in typed[:1]:
        raise typer.Exit(compare_file(typed))
    # Make the programs beside this command, such as itself, available to COMMAND.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    os.execv(sys.executable, [sys.executable, "-m", "local_azure", *typed])  # noqa: S606 - our own interpreter


use_plain_help(app)


def main() -> None:
    """Run the command. Every error is one message, never a traceback; unprintable output stops nothing."""
    output, _ = guard_output()
    status = _status_of(app)
    if reason := lost_output(output):
        say_error(
            RelocationError(f"The output could not be written: {reason}", remedy="Free some space, run it again.")
        )
        status = status or NOT_RELOCATED
    _end_at_once_without_server(status)
    raise SystemExit(status)


def _end_at_once_without_server(status: int) -> None:
    """End here if the Prefect server is lost: at an exit, Prefect offers it every event again, for minutes."""
    watch = sys.modules.get("tasks.runs.server_watch")
    if watch is None or not watch.server_is_lost():
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _status_of(command: Callable[..., object]) -> int:  # noqa: PLR0911 - one for each way to end
    """Run the command and return its exit status; its error has been printed."""
    bad_input = DETAILED_BAD_INPUT if "--detailed-exitcode" in sys.argv else BAD_INPUT
    os.environ.update(UNTRACKED)
    try:
        settle_environment()
        status = command(prog_name="acr-relocate", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:
        if said := error.format_message().replace("Value error, ", ""):  # without arguments the help has been printed
            say_in_color(f"error: {said}", typer.colors.RED)
            typer.echo("Remedy: acr-relocate --help, or acr-relocate COMMAND --help.", err=True)
        return bad_input
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (InvalidRequest, NotFound) as error:  # a registry or a run that does not exist, found before a flow began
        _say(error)
        return bad_input
    except Exception as error:  # noqa: BLE001 - any error is printed as one message
        _say(error)
        return NOT_RELOCATED


def _say(error: Exception) -> None:
    """Say the error; on the standard output as well where a machine reads JSON there."""
    if display().as_json:
        print_json({"error": Failure.of(error).model_dump(mode="json")})
    say_error(error)


if __name__ == "__main__":
    main()
