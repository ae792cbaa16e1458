"""Checks of the source's settings: blocked imports, deferred policies, decisions and manual steps."""

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.design_findings import announced
from acr_relocate.core.checks.keys import key_of
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.children.replications import is_home_replication
from acr_relocate.core.target.design import subnet_ids

ROLES_IN_ABAC: Final = (
    'AcrPull: "Container Registry Repository Reader" and "Container Registry Repository Catalog Lister"; '
    'AcrPush: "Container Registry Repository Writer"; AcrDelete: "Container Registry Repository Contributor"; '
    '`az aks --attach-acr`: az role assignment create --role "Container Registry Repository Reader"'
)


@check("blocker")
def export_disabled(evidence: Evidence) -> Iterator[Violation]:
    """The source's export policy forbids importing from it.

    Source: F27; D/data-loss-prevention.md.
    """
    if _status(evidence.source, "exportPolicy") == "disabled":
        name = evidence.source.name
        yield Violation(
            f"The export policy of {name} is disabled, so nothing can be imported from it.",
            f"Enable it for the relocation, then disable it again: az acr update --name {name} --allow-exports true",
            evidence.source.id,
        )


@check("note")
def retention_deferred(evidence: Evidence) -> Iterator[Violation]:
    """The source deletes untagged manifests after some days. The target gets this policy after the verification.

    Source: F46; D/container-registry-retention-policy.md: it would delete untagged imports for good.
    """
    if _status(evidence.source, "retentionPolicy") == "enabled":
        days = _policy(evidence.source, "retentionPolicy").get("days", 7)
        yield Violation(
            f"Retention of untagged manifests ({days} days) is enabled at the target only after a clean verification.",
            f"The cut-over does it; manually: az acr config retention update --registry {evidence.request.target.name} "
            f"--status enabled --days {days} --type UntaggedManifests",
            evidence.source.id,
        )


@check("warning")
def soft_deleted_stay_behind(evidence: Evidence) -> Iterator[Violation]:
    """The source keeps deleted artifacts for a while; they cannot be imported. Soft delete is enabled at the end.

    Source: F46; D/container-registry-soft-delete-policy.md.
    """
    if _status(evidence.source, "softDeletePolicy") == "enabled":
        days = _policy(evidence.source, "softDeletePolicy").get("retentionDays", 7)
        yield Violation(
            f"Artifacts deleted in {evidence.source.name} within {days} days can be restored there, not at the target.",
            f"Restore those to move first: `az acr repository list-deleted --name {evidence.source.name}`. The "
            "cut-over enables it at the target; manually: az acr config soft-delete update --registry "
            f"{evidence.request.target.name} --status enabled --days {days}",
            evidence.source.id,
        )


@check("note")
def quarantine_deferred(evidence: Evidence) -> Iterator[Violation]:
    """The source hides new images until they are released. The target gets this policy after the imports.

    Source: F45; imports into a registry with quarantine are quarantined, as far as is known.
    """
    if _status(evidence.source, "quarantinePolicy") == "enabled":
        yield Violation(
            "Quarantine is enabled at the target only after a clean verification.",
            f"The cut-over does it; manually: az resource update --ids {evidence.request.target_id} "
            "--set properties.policies.quarantinePolicy.status=enabled",
            evidence.source.id,
        )


@check("warning")
def content_trust_cannot_be_enabled(evidence: Evidence) -> Iterator[Violation]:
    """Content trust is on at the source. Azure no longer enables it for any registry, and signatures are not imported.

    Source: D/container-registry-content-trust-deprecation.md, Azure/acr#496.
    """
    yield from announced(evidence, "content_trust_cannot_be_enabled")


@check("warning")
def content_trust_with_customer_managed_key(evidence: Evidence) -> Iterator[Violation]:
    """Content trust is on for a registry with a customer-managed key, which Azure refuses for a new one.

    Source: F26, `BlockedForEncryptionEnabledRegistry`.
    """
    if _status(evidence.source, "trustPolicy") == "enabled" and key_of(evidence.source) is not None:
        yield Violation(
            "A registry with a customer-managed key cannot have content trust; the target has the key only.",
            f"az acr config content-trust update --registry {evidence.source.name} --status disabled",
            evidence.source.id,
        )


@check("warning")
def abac_mode(evidence: Evidence) -> Iterator[Violation]:
    """The source grants its content by repository (ABAC): the classic roles have no effect, also at the target.

    Source: F8, F38; D/container-registry-rbac-abac-repository-permissions.md.
    """
    if evidence.source.uses_abac:
        yield Violation(
            "The target will be in ABAC mode: AcrPull, AcrPush and AcrDelete are without effect there.",
            f"Assign instead of {ROLES_IN_ABAC}",
            evidence.source.id,
        )


@check("note")
def anonymous_pull(evidence: Evidence) -> Iterator[Violation]:
    """Anonymous pull is enabled at the source, and will be at the target as soon as it exists.

    Source: D/anonymous-pull-access.md.
    """
    if evidence.source.properties.get("anonymousPullEnabled"):
        yield Violation(
            "The target is open to anonymous pulls as the source is.",
            f"If that is not wanted: az acr update --name {evidence.source.name} --anonymous-pull-enabled false",
            evidence.source.id,
        )


@check("warning")
def admin_passwords_change(evidence: Evidence) -> Iterator[Violation]:
    """The source has an admin user. The target's has another name and other passwords.

    Source: D/container-registry-authentication.md; listCredentials is not needed for the relocation.
    """
    if evidence.source.properties.get("adminUserEnabled"):
        name = evidence.request.target.name
        yield Violation(
            f"Clients that sign in as the admin user {evidence.source.name} need the admin user of {name}.",
            f"Better, use an identity or a token. After the deployment: az acr credential show --name {name}",
            evidence.source.id,
        )


@check("note")
def not_premium(evidence: Evidence) -> Iterator[Violation]:
    """The article asks for a Premium target; only Premium has network rules and private endpoints.

    Source: D/container-registry-skus.md.
    """
    if evidence.source.sku != "Premium":
        yield Violation(
            f"{evidence.source.name} is {evidence.source.sku}, and so will be the target.",
            f"If the target is to have any of these: az acr update --name {evidence.source.name} --sku Premium",
            evidence.source.id,
        )


@check("blocker")
def classic_sku(evidence: Evidence) -> Iterator[Violation]:
    """The source has the SKU Classic, which Azure no longer creates.

    Source: D/container-registry-skus.md.
    """
    if evidence.source.sku == "Classic":
        yield Violation(
            f"{evidence.source.name} is Classic.",
            f"az acr update --name {evidence.source.name} --sku Standard",
            evidence.source.id,
        )


@check("blocker")
def premium_needed(evidence: Evidence) -> Iterator[Violation]:
    """The target needs a feature of Premium, and will have another SKU.

    Source: F50; D/container-registry-skus.md.
    """
    target = evidence.design.with_subnets
    wanted = [feature for feature, used in _premium_features(evidence, target).items() if used]
    if wanted and target.sku != "Premium":
        yield Violation(
            f"The target would be {target.sku}, but needs Premium for: {', '.join(wanted)}.",
            f"az acr update --name {evidence.source.name} --sku Premium",
            evidence.source.id,
        )


def stays_behind(evidence: Evidence) -> Iterator[Finding]:
    """A setting or child of the source, such as a connected registry, is left out at the target or differs there.

    Source: F10, F20, F49, F56. The codes are those of the target's design (core/target.py, core/children/).
    """
    yield from evidence.design.notes


def _premium_features(evidence: Evidence, target: Registry) -> dict[str, Any]:
    properties = target.properties
    rules = properties.get("networkRuleSet") or {}
    return {
        "network rules": says(rules.get("defaultAction"), "Deny") or rules.get("ipRules") or evidence.request.subnets,
        "virtual network rules": subnet_ids(target),
        "no public access": says(properties.get("publicNetworkAccess"), "Disabled"),
        "private endpoints": evidence.source.children_of("privateEndpointConnections"),
        "replications": [one for one in target.children_of("replications") if not is_home_replication(one, target)],
        "a customer-managed key": key_of(target) is not None,
        "dedicated data endpoints": properties.get("dataEndpointEnabled"),
        "a retention policy": _status(evidence.source, "retentionPolicy") == "enabled",
        "a disabled export policy": _status(evidence.source, "exportPolicy") == "disabled",
        "connected registries": evidence.source.children_of("connectedRegistries"),
        "agent pools": evidence.source.children_of("agentPools"),
    }


def _policy(registry: Registry, name: str) -> dict[str, Any]:
    return (registry.properties.get("policies") or {}).get(name) or {}


def _status(registry: Registry, policy: str) -> str:
    return str(_policy(registry, policy).get("status", "")).lower()
