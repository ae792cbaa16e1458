"""The output of a command: it never stops the work, and foreign text in it never controls its display.

If the reader has gone (`| head`), a disk is full, or a descriptor is closed, the rest is dropped and the exit status
shows it. A terminal that cannot show a character shows its escape. Without a terminal the output may be a log of GitHub
Actions or Azure DevOps, which obey lines of a certain form: these are broken up.
"""

import errno
import io
import os
import re
import select
import sys
from typing import TYPE_CHECKING, Final, TextIO

import typer

if TYPE_CHECKING:
    from typing_extensions import Buffer

# The sequences of rich and typer: colours, cursor moves by lines, erasing a line, showing and hiding the cursor, links.
_OURS: Final = rb"\x1b\[[\d;]*[mAKG]|\x1b\[\?25[hl]|\x1b\]8;[^\x07\x1b]*;[^\x07\x1b]*\x1b\\"
_NOT_OURS: Final = re.compile(_OURS + rb"|(\x1b|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f])")
_COMMAND: Final = re.compile(rb"^[ \t]*:(?=:)|##(?=(?:vso)?\[)", re.MULTILINE)


class Output(io.RawIOBase):
    """A descriptor for writing that raises nothing; `lost` is the reason if the rest was dropped."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.lost: OSError | None = None
        self._descriptor = descriptor

    def write(self, data: "Buffer", /) -> int:
        """Write all of it, or count it as written once writing is impossible."""
        told = bytes(data)
        rest = memoryview(_safe_for_terminal(told) if self.isatty() else _safe_for_log(told))
        while rest and not self.lost:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.lost = error
        return len(told)

    def writable(self) -> bool:
        """Return True: writing never raises."""
        return True

    def fileno(self) -> int:
        """Return the descriptor, for reading a terminal's size."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)


def guard_output() -> tuple[Output, Output]:
    """Replace standard output and error of this process by such outputs."""
    for descriptor in (0, 1, 2):
        _keep_open(descriptor)
    outputs = Output(1), Output(2)
    if sys.stdout is sys.__stdout__:  # a replaced one captures the output on purpose
        sys.stdout = _text(outputs[0], sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(outputs[1], sys.stderr)
    return outputs


def lost_output(output: Output) -> str:
    """Return why output was lost, or an empty string: a reader that closed early is no failure."""
    sys.stdout.flush()
    return "" if output.lost is None or output.lost.errno == errno.EPIPE else str(output.lost.strerror)


def _keep_open(descriptor: int) -> None:
    """Open a closed descriptor to the null device: otherwise the next file gets its number, and our output."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # the lowest one that is free, which is this


def _text(output: Output, before: TextIO | None) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(output), encoding=encoding, errors="backslashreplace", line_buffering=True
    )


def _safe_for_terminal(data: bytes) -> bytes:
    """Remove foreign control sequences; text from outside was made visible before."""
    return _NOT_OURS.sub(lambda found: b"" if found[1] else found[0], data)


def _safe_for_log(data: bytes) -> bytes:
    """Break up lines that a pipeline's log would obey."""
    return _COMMAND.sub(rb"\g<0> ", data)


def say_in_color(text: str, color: str) -> None:
    """Print a line on the standard error, in this colour unless NO_COLOR or --no-color forbids colours."""
    typer.echo(text if os.environ.get("NO_COLOR") else typer.style(text, fg=color), err=True)
