"""Child processes that never outlive us by accident: each in a session of its own, ended as a group, by its id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_GRACE_SECONDS = 10.0
POLL_SECONDS = 0.05
INTERRUPT = signal.SIGINT
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path | None = None,
    stdout: int | None = None,
    folder: Path | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[str]:
    """Start a command in a session of its own, so that Ctrl-C reaches it only through us.

    Its output goes to `log` if one is given, a file for our user alone; `stdout` (such as PIPE) takes the standard
    output out of that. It starts in `folder`, and inherits the file descriptors to `keep`.
    """
    output = os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 - the commands are this file's callers' own, no shell is involved
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout if stdout is not None else output,
            stderr=output,
            cwd=folder,
            pass_fds=keep,
            start_new_session=True,
            text=True,
        )
    finally:
        if output:
            output.close()


def stop_process(process: subprocess.Popen[str], *, first: signal.Signals = signal.SIGTERM) -> int:
    """Stop the process and all its children, with SIGTERM first, then SIGKILL; return its exit status."""
    for how, grace in ((first, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        _signal_group(process.pid, how)
        try:
            process.wait(grace)
            break
        except subprocess.TimeoutExpired:
            continue
    _signal_group(process.pid, signal.SIGKILL)  # remaining children of the leader
    return process.wait()


def stop_by_id(pid: int, marker: str) -> bool:
    """Stop a process of an earlier command. False: it was already gone, or the id is another's now."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if not is_running(pid, marker):
            return how is signal.SIGKILL
        _signal_group(pid, how)
        wait_until(lambda: not is_running(pid, marker), _GRACE_SECONDS)
    return True


def is_running(pid: int, marker: str) -> bool:
    """Return whether a process with this id is alive and has `marker` in its command line: ids are reused."""
    proc = Path(f"/proc/{pid}")
    if Path("/proc/self").exists():
        try:
            command = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (proc / "stat").read_text().rpartition(") ")[2][0]
        except OSError:
            return False
        # A starting process has no command line yet; nor has a zombie, which counts as gone.
        return state != "Z" and (not command or marker in command)
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return marker in answer.stdout


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Return whether `done` became true within the time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def free_port(preferred: int) -> int:
    """Return the preferred port of this machine if it is free, or else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("this machine has no free port")


@contextmanager
def interruptible() -> Iterator[None]:
    """End the block with KeyboardInterrupt on Ctrl-C, SIGTERM or a closed terminal, even if a parent ignored them."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature is Python's
        raise KeyboardInterrupt

    with _handled(interrupt):
        yield


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Defer an interrupt to the end of the block: a process that is started there then has an owner."""
    came: list[int] = []
    with _handled(lambda number, frame: came.append(number)):  # noqa: ARG005 - the signature is Python's
        yield
    if came:
        raise KeyboardInterrupt


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Ignore a second Ctrl-C in the block: it cleans up after the first."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(how: Callable[[int, FrameType | None], object] | signal.Handlers) -> Iterator[None]:
    before = [signal.signal(each, how) for each in _ENDING]
    try:
        yield
    finally:
        for each, handler in zip(_ENDING, before, strict=True):
            signal.signal(each, handler)


def _signal_group(pid: int, how: signal.Signals) -> None:
    try:
        os.killpg(pid, how)
    except (ProcessLookupError, PermissionError):  # gone, or (macOS) a zombie without a waiter
        return
