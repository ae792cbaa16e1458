"""The commands in the order of a relocation, in panels, as `acr-relocate --help` lists them."""

from typing import Final

from typer.core import TyperCommand, TyperGroup

PANELS: Final = {
    "Prepare": ("init", "doctor", "plan", "rehearse"),
    "Relocate": ("run", "sync", "cut-over", "verify", "status"),
    "Clients, files and proofs": ("references", "attach", "firewall", "passwords", "export", "prove"),
    "Roll back and retire": ("discard", "switch-back", "thaw", "delete-source", "keep-name"),
    "Runs of a Prefect server": ("runs", "show", "report", "approve", "batch", "schedule"),
    "Service": ("deploy", "serve", "server", "local-azure", "version"),
}


class OrderedCommands(TyperGroup):
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
