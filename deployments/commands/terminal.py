"""The live view of a flow at a terminal: phases, images, rate, remaining time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from acr_relocate.core.progress import Progress
from acr_relocate.core.report.report import PhaseResult, PhaseStatus
from tasks.runs.artifacts import progress_line
from tasks.runs.events import Event, PhaseStarted, RunStarted, Waiting

MARKS: dict[PhaseStatus, tuple[str, str]] = {
    "done": ("✓", "green"),
    "nothing_to_do": ("-", "dim"),
    "failed": ("✗", "red"),
    "not_reached": (" ", "dim"),
}
_EMBEDDED = "This is the embedded Azure (local_azure) on this machine, not the real one."
LINE_SECONDS = 5.0


class LiveScreen:
    """An observer of a run: on a terminal a live list of phases, elsewhere a line for each event."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._planned: tuple[str, ...] = ()
        self._ended: list[PhaseResult] = []
        self._running: tuple[str, float] | None = None
        self._progress: Progress | None = None
        self._line_at = 0.0
        self._is_told = False
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._console.print(Text(self._title, style="bold"))
        self._show_list()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def _show_list(self) -> None:
        """Show the list from here on. Each time a new one: a list begun again would erase as many lines as it had."""
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._render, console=self._console, refresh_per_second=8, transient=True)
            self._live.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to the block, such as to a question."""
        self.__exit__(None, None, None)
        try:
            yield
        finally:
            self._show_list()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._planned = event.phases
            self._ended = []
            if event.embedded and not self._is_told:
                self._is_told = True
                self._print(Text(_EMBEDDED, style="yellow"))
        elif isinstance(event, Waiting):
            self._print(Text(event.what))
        elif isinstance(event, PhaseStarted):
            self._running, self._progress = (event.name, time.monotonic()), None
        elif isinstance(event, Progress):
            self._progress = event
            self._print_progress(event)
        elif isinstance(event, PhaseResult):
            self._running = None
            self._ended.append(event)
            self._print_phase(event)

    def _print(self, text: Text) -> None:
        """Print above the list, which rests meanwhile: a refresh at that moment would leave lines of it behind."""
        with self.paused():
            self._console.print(text, soft_wrap=True)

    def _print_progress(self, progress: Progress) -> None:
        if not self._console.is_terminal and time.monotonic() - self._line_at > LINE_SECONDS:
            self._line_at = time.monotonic()
            self._console.print(f"  {progress.phase}: {progress_line(progress)}", highlight=False)

    def _print_phase(self, result: PhaseResult) -> None:
        if not self._console.is_terminal:
            mark, _ = MARKS[result.status]
            self._console.print(f"{mark} {result.name:16} {result.seconds:6.1f} s  {result.summary}", highlight=False)

    def _render(self) -> Group:
        table = Table.grid(padding=(0, 2))
        for phase in self._ended:
            mark, style = MARKS[phase.status]
            table.add_row(Text(mark, style=style), phase.name, f"{phase.seconds:.1f} s", Text(phase.summary, "dim"))
        if self._running:
            name, began = self._running
            table.add_row(Spinner("dots"), Text(name, "bold"), f"{time.monotonic() - began:.1f} s", self._bar())
        reached = {phase.name for phase in self._ended} | {self._running[0] if self._running else ""}
        for name in self._planned:
            if name not in reached:
                table.add_row(" ", Text(name, "dim"))
        return Group(table)

    def _bar(self) -> Group | Text:
        if self._progress is None or not self._progress.total:
            return Text("")
        bar = ProgressBar(total=self._progress.total, completed=self._progress.done, width=40)
        return Group(bar, Text(progress_line(self._progress), "dim"))
