"""What the design of the target announces: settings and children that change, stay behind or need a hand."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.target.design import design


def announced(evidence: Evidence, code: str) -> Iterator[Violation]:
    """Yield what the design says under this code. The check that calls this explains it."""
    for note in design(evidence.source, evidence.request).notes:
        if note.code == code:
            yield Violation(note.message, note.remedy, note.resource)
