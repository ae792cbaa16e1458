"""Findings from the design of the target: settings and children that change, are left out or need manual work."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation
from acr_relocate.core.evidence.evidence import Evidence


def announced(evidence: Evidence, code: str) -> Iterator[Violation]:
    """Yield the design's notes with this code. The check that calls this explains them."""
    for note in evidence.design.notes:
        if note.code == code:
            yield Violation(note.message, note.remedy, note.resource)
