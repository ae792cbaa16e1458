"""Finding: something a person should know before, during or after a relocation, with what to do about it."""

from typing import Literal

from acr_relocate.core.model import FrozenModel

Severity = Literal["blocker", "decision", "warning", "note"]
"""blocker: stops here. decision: a person must choose. warning: may surprise. note: for the record."""

SEVERITIES: tuple[Severity, ...] = ("blocker", "decision", "warning", "note")


class Finding(FrozenModel):
    """One thing found, named for the violation, with its remedy.

    `required`: a decision without a default. A plan goes on without it, a run does not.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    resource: str = ""
    required: bool = False
