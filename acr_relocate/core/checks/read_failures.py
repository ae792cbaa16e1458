"""Findings about unreadable evidence, with the reason. It is never taken for an answer."""

from collections.abc import Iterable

from acr_relocate.core.access.permissions import granting
from acr_relocate.core.checks.check import Violation
from acr_relocate.core.evidence.unknown import Unknown


def unread_violation(whats: Iterable[str], unknown: Unknown) -> Violation:
    """Return one violation for everything that could not be read for the same reason."""
    what = ", ".join(whats)
    if not unknown.action:
        remedy = "Give the running identity the right to read it, or check it manually."
        return Violation(f"Could not read {what}: {unknown.reason}", remedy, unknown.scope)
    message = f"Could not read {what}: the running identity may not {unknown.action} at {unknown.scope}."
    return Violation(message, granting(unknown.action, unknown.scope), unknown.scope)
