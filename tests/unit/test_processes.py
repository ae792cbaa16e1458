"""A child process has an owner from its first moment, whatever interrupts us."""

import os
import signal

import pytest

from deployments import processes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_waits_for_the_end_of_what_is_postponed(number: signal.Signals) -> None:
    """What is started there is told to its owner; then it is an interrupt as ever, and the next one is, too."""
    told: list[str] = []
    with processes.interruptible():
        with pytest.raises(KeyboardInterrupt), processes.postponed():
            os.kill(os.getpid(), number)
            told.append("owner")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            signal.pause()

    assert told == ["owner"]
