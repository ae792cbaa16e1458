"""Events of this process for observers in the same process: the terminal, a test.

Prefect's own records are for all others; this is the short way, without a server in between.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.content.import_preview import Preview
from acr_relocate.core.errors import NotApproved
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.progress import Progress
from acr_relocate.core.report.report import PhaseResult, Report


@dataclass(frozen=True)
class RunStarted:
    """A flow began. `run_id` is its id at the Prefect server, `embedded` whether Azure is the embedded one."""

    flow: str
    run_id: str
    embedded: bool
    phases: tuple[str, ...]


@dataclass(frozen=True)
class PhaseStarted:
    """A phase began."""

    name: str


@dataclass(frozen=True)
class Waiting:
    """The run waits, for the given reason, before it can begin."""

    what: str


Event = (
    RunStarted | Waiting | PhaseStarted | PhaseResult | Progress | Plan | Preview | Report | BatchReport | NotApproved
)
Observer = Callable[[Event], None]

_observers: list[Observer] = []


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Send every event of this process to the observer while the block runs."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def announce(event: Event) -> None:
    """Send the event to every observer."""
    for observer in _observers:
        observer(event)


def announce_listing(login_server: str) -> Callable[[int, int], None]:
    """Return a callback that announces the number of listed repositories of a registry, and the total."""
    began = time.monotonic()

    def listed(done: int, total: int) -> None:
        seconds = time.monotonic() - began
        announce(Progress(phase=f"listing {login_server}", done=done, total=total, seconds=seconds))

    return listed
