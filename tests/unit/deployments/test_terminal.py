"""The live list at a terminal erases its own lines and no others."""

from io import StringIO

from rich.console import Console

from deployments.commands.terminal import LiveScreen
from tasks.runs.events import RunStarted

UP = "\x1b[1A"
PHASES = ("inventory", "checks", "import")


def test_a_question_stays_on_the_screen() -> None:
    """The list that begins after it moves up by none of the lines that the list before it had."""
    written = StringIO()
    console = Console(file=written, force_terminal=True, width=80)

    with LiveScreen(console, "Relocating") as screen:
        screen(RunStarted(flow="relocate", run_id="1", embedded=True, phases=PHASES))
        with screen.paused():
            console.print("Approve?")

    after = written.getvalue().partition("Approve?")[2]
    assert PHASES[0] in after
    assert UP not in after.partition(PHASES[0])[0]
