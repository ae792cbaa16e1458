"""A child process has an owner from its first moment, whatever interrupts us."""

import os
import signal

import pytest

from deployments import processes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_waits_for_the_end_of_what_is_postponed(number: signal.Signals) -> None:
    """An interrupt during the start is told to the owner of the process; after that it is an interrupt as ever."""
    told: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        _interrupted_at_once(number, told)

    assert told == ["owner"]


def _interrupted_at_once(number: signal.Signals, told: list[str]) -> None:
    with processes.interruptible():
        with processes.defer_interrupts():
            os.kill(os.getpid(), number)
            told.append("owner")
        told.append("unreachable")
