"""The progress of a phase. Times are passed in; nothing here reads a clock."""

from acr_relocate.core.model import FrozenModel


class Progress(FrozenModel):
    """A snapshot of one phase. `done` counts ended items, whatever the outcome; `seconds` since the phase began.

    `bytes_done` and `bytes_total` are theirs, at most: layers that the target has already are among them.
    """

    phase: str
    done: int = 0
    total: int = 0
    failed: int = 0
    throttled: int = 0
    seconds: float = 0.0
    bytes_done: int = 0
    bytes_total: int = 0

    @property
    def rate(self) -> float:
        """Return items a second so far; 0.0 before the first."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Return the seconds until all are done, by their number or by their bytes, whichever ends later.

        None while unknown.
        """
        if not self.rate:
            return None
        by_bytes = (self.bytes_total - self.bytes_done) * self.seconds / self.bytes_done if self.bytes_done else 0.0
        return max((self.total - self.done) / self.rate, by_bytes)
