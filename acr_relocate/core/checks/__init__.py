"""Checks: evidence in, findings out. Each is named for the violation that it finds."""

from acr_relocate.core.checks.check import Check, Violation, check
from acr_relocate.core.checks.preflight import PARAGRAPHS, PREFLIGHT, RIGHTS, Rule, evaluate
from acr_relocate.core.evidence.azure_facts import (
    DiagnosticSink,
    KeyVault,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    SourceEndpoint,
    Subnet,
    Subscription,
    TargetResourceGroup,
    UserAssignedIdentity,
    Validation,
    VaultKey,
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
    "DiagnosticSink",
    "Evidence",
    "Finding",
    "KeyVault",
    "Lock",
    "NameAvailability",
    "PermissionSet",
    "RegionOffer",
    "Rule",
    "Severity",
    "SourceEndpoint",
    "Subnet",
    "Subscription",
    "TargetResourceGroup",
    "Unknown",
    "UserAssignedIdentity",
    "Validation",
    "VaultKey",
    "Violation",
    "check",
    "evaluate",
    "with_content",
]
