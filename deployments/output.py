"""What a command prints: it never stops the work, and text of others in it never acts on what shows it.

A reader that has gone (`| head`), a full disk, a closed descriptor: the rest is dropped, and the exit status says so.
A terminal that cannot show a character shows its escape. Where no terminal shows it, it may be a log of GitHub Actions
or Azure DevOps, which obey lines of a certain form: these are broken up.
"""

import errno
import io
import os
import re
import select
import sys
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer

# What rich and typer use: colours, moves of the cursor by lines, erasing a line, showing and hiding the cursor, links.
_OURS: Final = rb"\x1b\[[\d;]*[mAKG]|\x1b\[\?25[hl]|\x1b\]8;[^\x07\x1b]*;[^\x07\x1b]*\x1b\\"
_NOT_OURS: Final = re.compile(_OURS + rb"|(\x1b|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f])")
_COMMAND: Final = re.compile(rb"^[ \t]*:(?=:)|##(?=(?:vso)?\[)", re.MULTILINE)


class Output(io.RawIOBase):
    """A descriptor to write to that raises nothing; `lost` says why the rest was dropped, if it was."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.lost: OSError | None = None
        self._descriptor = descriptor

    def write(self, data: "Buffer", /) -> int:
        """Write all of it, or take it for written once nothing can be written any more."""
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
        """It can be written to, whatever becomes of it."""
        return True

    def fileno(self) -> int:
        """The descriptor, for those who ask for a terminal's size."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a person looks."""
        return os.isatty(self._descriptor)


def guard_output() -> tuple[Output, Output]:
    """Standard output and error of this process are such outputs from now on."""
    for descriptor in (0, 1, 2):
        _keep_open(descriptor)
    outputs = Output(1), Output(2)
    if sys.stdout is sys.__stdout__:  # another one is somebody's who listens to what is printed
        sys.stdout = _text(outputs[0], sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(outputs[1], sys.stderr)
    return outputs


def lost_output(output: Output) -> str:
    """Why something could not be told, or nothing: a reader that has seen enough is no failure."""
    sys.stdout.flush()
    return "" if output.lost is None or output.lost.errno == errno.EPIPE else str(output.lost.strerror)


def _keep_open(descriptor: int) -> None:
    """A descriptor that is closed becomes one to nowhere: the next file would get its number, and what we print."""
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
    """Without control sequences that are none of ours; what text of others has in it was made visible before."""
    return _NOT_OURS.sub(lambda found: b"" if found[1] else found[0], data)


def _safe_for_log(data: bytes) -> bytes:
    """Without lines that a pipeline's log would obey."""
    return _COMMAND.sub(rb"\g<0> ", data)
