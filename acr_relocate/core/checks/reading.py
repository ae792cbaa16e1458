"""What to say when evidence is missing: that it is, and why. It is never taken for an answer."""

from acr_relocate.core.checks.evidence import Unknown
from acr_relocate.core.findings import Finding


def could_not_be_read(what: str, unknown: Unknown, resource: str = "") -> Finding:
    """Return the finding that something could not be read, so that nothing is concluded from it."""
    return Finding(
        code="could_not_be_read",
        severity="warning",
        message=f"Could not read {what}: {unknown.reason}",
        remedy="Give the running identity the right to read it, or check it by hand.",
        resource=resource,
    )
