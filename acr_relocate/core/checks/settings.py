"""Checks of the source's settings: what stops imports, and what a person has to decide or do."""

from collections.abc import Iterator

from acr_relocate.core.checks.evidence import Evidence
from acr_relocate.core.findings import Finding
from acr_relocate.core.target import design


def export_disabled(evidence: Evidence) -> Iterator[Finding]:
    """The source's export policy forbids importing from it."""
    policies = evidence.source.properties.get("policies") or {}
    if (policies.get("exportPolicy") or {}).get("status") == "disabled":
        name = evidence.source.name
        yield Finding(
            code="export_disabled",
            severity="blocker",
            message=f"The export policy of {name} is disabled, so nothing can be imported from it.",
            remedy=f"Enable it for the relocation, then disable it again: az acr update --name {name} "
            "--allow-exports true",
            resource=evidence.source.id,
        )


def customer_managed_key_needs_decision(evidence: Evidence) -> Iterator[Finding]:
    """The source is encrypted with a customer-managed key, which a registry gets only when it is created."""
    encryption = evidence.source.properties.get("encryption") or {}
    if str(encryption.get("status", "")).lower() == "enabled":
        key = (encryption.get("keyVaultProperties") or {}).get("keyIdentifier", "its key")
        yield Finding(
            code="customer_managed_key_needs_decision",
            severity="decision",
            message=f"The target will be encrypted with the source's key, {key}.",
            remedy="See that the user-assigned identity may use the key and that the vault will outlive the source's "
            "region. Another key can be chosen only before the target is created.",
            resource=evidence.source.id,
        )


def stays_behind(evidence: Evidence) -> Iterator[Finding]:
    """A setting or child of the source, such as a connected registry, is left out at the target or differs there."""
    yield from design(evidence.source, evidence.request).notes


def not_premium(evidence: Evidence) -> Iterator[Finding]:
    """The article asks for a Premium target; only that has network rules and private endpoints."""
    if evidence.source.sku != "Premium":
        yield Finding(
            code="not_premium",
            severity="note",
            message=f"{evidence.source.name} is {evidence.source.sku}, and so will be the target.",
            remedy="Private endpoints, network rules and replications need Premium: az acr update --sku Premium",
            resource=evidence.source.id,
        )
