"""The help of the commands: their order in panels, and usage lines and options as people know them."""

from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

PANELS: Final = {
    "Prepare": ("init", "doctor", "plan", "rehearse"),
    "Relocate": ("run", "sync", "cut-over", "verify", "status"),
    "Clients, files and proofs": ("references", "attach", "firewall", "passwords", "export", "prove"),
    "Roll back and retire": ("discard", "switch-back", "thaw", "delete-source", "keep-name"),
    "Runs of a Prefect server": ("runs", "show", "report", "approve", "batch", "schedule"),
    "Service": ("deploy", "serve", "server", "local-azure", "version"),
}


def _named(ctx: Any, params: list[Any]) -> list[Any]:
    """Return the parameters without the names of Python types: `--json`, not `--json <bool>`."""
    for param in params:
        if param.param_type_name == "argument":
            param.display_type_rich = _no_type
        elif param.metavar is None:
            param.metavar = param.display_type(ctx).strip("<>") if param.type_descriptor.is_choice else ""
    return params


def _no_type(ctx: object) -> None:
    """Show no type: the name of an argument says what it is."""


def _usage(pieces: list[str]) -> list[str]:
    """Return the parts of a usage line where only optional arguments have brackets: `REQUEST`, not `{REQUEST}`."""
    return [piece.replace("{", "").replace("}", "") for piece in pieces]


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters."""
        return _named(ctx, super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line."""
        return _usage(super().collect_usage_pieces(ctx))


class CommandGroup(TyperGroup):
    """A command with commands below it."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters."""
        return _named(ctx, super().get_params(ctx))


class OrderedCommands(CommandGroup):
    """The group of all commands. A command without a panel comes last, in one of its own."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - as Typer calls it
        """Return the names in order; each command knows its panel from then on."""
        for panel, names in PANELS.items():
            for name in names:
                command = self.commands[name]
                if isinstance(command, TyperCommand | TyperGroup):
                    command.rich_help_panel = panel
        listed = [name for names in PANELS.values() for name in names]
        return [*listed, *(name for name in self.commands if name not in listed)]


def use_plain_help(app: typer.Typer) -> None:
    """Give every command and group of the app the help of this module."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group.cls = CommandGroup
            use_plain_help(group.typer_instance)
