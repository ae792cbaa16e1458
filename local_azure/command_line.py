"""The options of `local-azure`, and its help."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import typer

from local_azure.state.faults import FAULTS, parse_fault
from local_azure.state.import_pace import ImportPace, parse_range
from local_azure.state.settings import Settings, Switches

PROGRAM: Final = "acr-relocate local-azure"
_PACE: Final = "Pace of imports with --profile realistic (assumptions)"
_WIDTH: Final = 72


@dataclass(frozen=True)
class Options:
    """The world to start from, and the command to run in it; without one, serve until told to stop."""

    settings: Settings
    seed: str
    faults: tuple[tuple[str, dict[str, str]], ...]
    state: Path | None
    ca_dir: Path | None
    port: int
    command: tuple[str, ...]


def parse(argv: Sequence[str]) -> Options:
    """Return the options. Exit with status 2 and a message if they are wrong, with 0 after help or a list."""
    command = typer.main.get_command(app)
    try:
        parsed = command.main(list(argv), prog_name=PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        typer.echo(f"error: {error.format_message().replace('Value error, ', '')}", err=True)
        typer.echo(f"Remedy: {PROGRAM} --help", err=True)
        raise SystemExit(2) from None
    if not isinstance(parsed, Options):
        raise SystemExit(0)
    return parsed


def _show_help(context: typer.Context, wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(context.get_help(), nl=False)
        raise typer.Exit


def _show_list(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(f"Faults, for --fault NAME or --fault NAME:KEY=VALUE,KEY=VALUE\n{_listed(FAULTS)}\n")
        switches = {
            f"{name}={'|'.join(str(each) for each in get_args(field.type))}": field.metadata["question"]
            for name, field in Switches.__dataclass_fields__.items()
        }
        typer.echo(f"Switches, for --switch NAME=VALUE; the first value is the default\n{_listed(switches)}")
        raise typer.Exit


def _listed(texts: dict[str, str]) -> str:
    """Return each name on a line, with its text below it."""
    folded = {name: textwrap.indent(textwrap.fill(text, _WIDTH), " " * 6) for name, text in texts.items()}
    return "\n".join(f"  {name}\n{text}" for name, text in folded.items())


app = typer.Typer(add_completion=False)

_Seed = Annotated[str, typer.Option(metavar="SEED", help="Start with `demo`, another seed, or a JSON file.")]
_Profile = Annotated[
    Literal["instant", "realistic"],
    typer.Option(metavar="PROFILE", help="instant, or realistic: waits and throttles as recorded."),
]
_Operations = Annotated[
    Literal["immediate", "timed", "held"] | None,
    typer.Option(metavar="KIND", help="End operations immediate, timed or held. Default: immediate; realistic: timed."),
]
_Fault = Annotated[list[str] | None, typer.Option(metavar="FAULT", help="Arm this fault from the start; repeatable.")]
_Switch = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="Choose an unverified behaviour; repeatable.")
]
_RandomSeed = Annotated[int, typer.Option(metavar="N", help="Of all that is random.")]
_Network = Annotated[
    str, typer.Option(metavar="ID", help="The resource id of the virtual network that clients are in.")
]
_State = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Start from this state if it exists; save it there at the end.")
]
_CaDir = Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the certificate authority here.")]
_Port = Annotated[int, typer.Option(metavar="PORT", help="Of the proxy; 0 is any free one.")]
_Seconds = Annotated[
    str, typer.Option(metavar="FROM-TO", rich_help_panel=_PACE, help="Seconds of an import whatever its bytes: 0.2-2.")
]
_Rate = Annotated[str, typer.Option(metavar="FROM-TO", rich_help_panel=_PACE, help="MB/s of one import: 10-60.")]
_Cap = Annotated[
    str, typer.Option(metavar="FROM-TO", rich_help_panel=_PACE, help="MB/s of all imports into a registry: 200-500.")
]
_List = Annotated[
    bool,
    typer.Option("--list", metavar="", callback=_show_list, is_eager=True, help="List the faults and the switches."),
]
_Help = Annotated[
    bool,
    typer.Option("--help", "-h", metavar="", callback=_show_help, is_eager=True, help="Show this message and exit."),
]


@app.command(
    options_metavar="[OPTIONS] [-- COMMAND...]",
    context_settings={"allow_extra_args": True, "allow_interspersed_args": False, "help_option_names": []},
)
def options(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    seed: _Seed = "",
    profile: _Profile = "instant",
    operations: _Operations = None,
    fault: _Fault = None,
    switch: _Switch = None,
    random_seed: _RandomSeed = 1,
    client_network: _Network = "",
    state: _State = None,
    ca_dir: _CaDir = None,
    port: _Port = 0,
    import_seconds: _Seconds = "",
    import_rate: _Rate = "",
    registry_cap: _Cap = "",
    _list: _List = False,
    _help: _Help = False,
) -> Options:
    """Run the embedded Azure on this machine; with COMMAND, for as long as the command runs.

    Without one, a line of JSON says where it listens and which environment makes a client use it.
    `--compare FILE`, alone, compares it with a recording of `acr-relocate rehearse --record`.
    """
    try:
        switches = Switches.parse(dict(_pair(text) for text in switch or ()))
        pace = _pace(seconds=import_seconds, rate=import_rate, registry_cap=registry_cap)
        faults = tuple(parse_fault(text) for text in fault or ())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    realistic = profile == "realistic"
    kind = operations or ("timed" if realistic else "immediate")
    settings = Settings(
        profile, kind, switches, random_seed, realistic, client_network=client_network, import_pace=pace
    )
    return Options(settings, seed, faults, state, ca_dir, port, tuple(context.args))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--switch {text} is not NAME=VALUE")
    return name, value


def _pace(**given: str) -> ImportPace:
    ranges: dict[str, Any] = {name: parse_range(text) for name, text in given.items() if text}
    return ImportPace(**ranges)
