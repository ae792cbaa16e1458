"""Output of a command where nothing can be printed, and where a terminal would act on it."""

import os
import pty
import subprocess
import sys

import pytest

SAY = "import sys; from deployments.output import guard_output, lost_output\noutput, _ = guard_output()\n"
END = "\nsys.stderr.write('lost: ' + lost_output(output))"


def said(program: str, redirection: str = "") -> "subprocess.CompletedProcess[bytes]":
    """Return the output of a program whose output is guarded, in a shell with these redirections."""
    command = f'exec "$0" -c "$1" {redirection}'
    return subprocess.run(
        ["bash", "-c", command, sys.executable, SAY + program + END], capture_output=True, check=False
    )


def test_a_reader_that_has_gone_stops_nothing() -> None:
    """The program goes on to its end, and it is no failure."""
    ended = said("for n in range(100_000): print(n)", "| head -1")
    assert b"Traceback" not in ended.stderr
    assert ended.stderr.endswith(b"lost: ")


@pytest.mark.parametrize(
    ("redirection", "reason"), [("> /dev/full", b"lost: No space left on device"), (">&-", b"lost: ")]
)
def test_a_full_disk_is_told_and_a_closed_output_is_not(redirection: str, reason: bytes) -> None:
    """On the standard error; and a file that is opened later does not get what is printed."""
    ended = said("print('x' * 100_000)", redirection)
    assert ended.returncode == 0
    assert ended.stderr == reason


def test_a_character_that_cannot_be_shown_is_escaped() -> None:
    """A terminal that knows ASCII alone."""
    ended = said("print('→ ü')", "")
    assert ended.stdout.decode() == "→ ü\n"
    ended = subprocess.run(
        [sys.executable, "-c", SAY + "print('→ ü')"], capture_output=True, env={"PYTHONIOENCODING": "ascii"}, check=True
    )
    assert ended.stdout == b"\\u2192 \\xfc\n"


@pytest.mark.parametrize(
    "line", ["::error::x", "  ::set-output name=a::b", "##vso[task.setvariable variable=a]b", "x ##[error]y"]
)
def test_a_pipeline_obeys_nothing(line: str) -> None:
    """Commands to GitHub Actions and Azure DevOps are broken up; all else is as it was."""
    shown = said(f"print({line!r})").stdout.decode().rstrip("\n")
    assert not shown.lstrip().startswith("::")
    assert "##vso[" not in shown
    assert "##[" not in shown
    assert shown.replace(" ", "") == line.replace(" ", "")
    assert said("print('a::b #[x] ## y')").stdout == b"a::b #[x] ## y\n"


def test_a_log_on_a_full_disk_says_nothing_at_the_terminal() -> None:
    """The command says it once; each line of the log would be a traceback."""
    ended = said(
        "import logging; from pathlib import Path; from deployments.commands.flow_runner import _log_to\n"
        "_log_to(Path('/dev/full')); logging.getLogger('prefect').error('no room')"
    )
    assert ended.returncode == 0
    assert ended.stderr == b"lost: "


@pytest.mark.parametrize(("no_color", "shown"), [("", b"\x1b[31merror\x1b[0m"), ("1", b"error")])
def test_errors_have_no_color_where_none_is_wanted(no_color: str, shown: bytes) -> None:
    """At a terminal, with NO_COLOR, which --no-color sets as well."""
    ours, theirs = pty.openpty()
    say = "from deployments.output import say_in_color; say_in_color('error', 'red')"
    environment = os.environ | {"NO_COLOR": no_color}
    subprocess.run([sys.executable, "-c", say], stderr=theirs, env=environment, check=True)
    os.close(theirs)

    assert os.read(ours, 1000).strip() == shown
    os.close(ours)
