"""Checks: evidence in, findings out. Each is named for the violation that it finds."""

from acr_relocate.core.checks.evidence import (
    Evidence,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    Subnet,
    Unknown,
)
from acr_relocate.core.checks.preflight import PREFLIGHT, Check, evaluate
from acr_relocate.core.findings import Finding, Severity

__all__ = [
    "PREFLIGHT",
    "Check",
    "Evidence",
    "Finding",
    "Lock",
    "NameAvailability",
    "PermissionSet",
    "RegionOffer",
    "Severity",
    "Subnet",
    "Unknown",
    "evaluate",
]
