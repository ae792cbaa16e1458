"""Checks: evidence in, findings out. Each is named for the violation that it finds."""

from acr_relocate.core.checks.check import Check, Violation, check
from acr_relocate.core.checks.preflight import PARAGRAPHS, PREFLIGHT, RIGHTS, Rule, evaluate
from acr_relocate.core.evidence.azure_facts import (
    Endpoint,
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
    Validation,
    Vault,
)
from acr_relocate.core.evidence.evidence import Evidence, with_content
from acr_relocate.core.evidence.unknown import NOT_ASKED, Unknown
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
