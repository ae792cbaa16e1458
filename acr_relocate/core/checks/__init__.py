"""Checks: evidence in, findings out. Each is named for the violation that it finds."""

from acr_relocate.core.checks.evidence import (
    NOT_ASKED,
    Endpoint,
    Evidence,
    Group,
    Identity,
    Key,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    Sink,
    Subnet,
    Subscription,
    Unknown,
    Validation,
    Vault,
    with_content,
)
from acr_relocate.core.checks.preflight import PARAGRAPHS, PREFLIGHT, RIGHTS, Rule, evaluate
from acr_relocate.core.checks.violations import Check, Violation, check
from acr_relocate.core.findings import Finding, Severity

__all__ = [
    "NOT_ASKED",
    "PARAGRAPHS",
    "PREFLIGHT",
    "RIGHTS",
    "Check",
    "Endpoint",
    "Evidence",
    "Finding",
    "Group",
    "Identity",
    "Key",
    "Lock",
    "NameAvailability",
    "PermissionSet",
    "RegionOffer",
    "Rule",
    "Severity",
    "Sink",
    "Subnet",
    "Subscription",
    "Unknown",
    "Validation",
    "Vault",
    "Violation",
    "check",
    "evaluate",
    "with_content",
]
