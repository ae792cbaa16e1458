"""The progress of a phase. Times are passed in; nothing here reads a clock."""

from acr_relocate.core.model import FrozenModel


class Progress(FrozenModel):
    """A snapshot of one phase. `done` counts ended items, whatever the outcome; `seconds` since the phase began."""

    phase: str
    done: int = 0
    total: int = 0
    failed: int = 0
    throttled: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return items a second so far; 0.0 before the first."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Return the seconds until all are done at this rate; None while unknown."""
        return (self.total - self.done) / self.rate if self.rate else None
