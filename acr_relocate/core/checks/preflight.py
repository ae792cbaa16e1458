"""The chain of checks before anything is changed."""

from collections.abc import Callable, Iterable

from acr_relocate.core.checks.evidence import Evidence
from acr_relocate.core.findings import SEVERITIES, Finding

Check = Callable[[Evidence], Iterable[Finding]]

PREFLIGHT: tuple[Check, ...] = ()


def evaluate(chain: Iterable[Check], evidence: Evidence) -> tuple[Finding, ...]:
    """All findings of all checks, the gravest first and otherwise in the chain's order."""
    found = [finding for check in chain for finding in check(evidence)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
