"""Checks from Azure's previews of the deployment: policies, validation, what-if."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from acr_relocate.core.checks import access, keys, limits, locks, settings, target
from acr_relocate.core.checks.check import Check, Violation, check
from acr_relocate.core.evidence.azure_facts import Validation
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId

# Azure's code -> the check that explains it better.
_EXPLAINED: Final[Mapping[str, Check]] = {
    "AlreadyInUse": target.name_taken,
    "RegistryNameAlreadyInUse": target.name_taken,
    "InvalidTemplate": limits.template_beyond_limit,
    "FailedIdentityOperation": keys.user_assigned_identity_missing,
    "InvalidSku": settings.classic_sku,
    "MissingSubscriptionRegistration": access.provider_not_registered,
    "NetworkRuleLimitExceeded": limits.network_rules_beyond_limit,
    "ScopeLocked": locks.read_only_lock,
    "SkuNotSupported": settings.premium_needed,
    "TooManyTags": limits.resource_tags_beyond_limit,
}


@check("blocker")
def policy_denies(evidence: Evidence) -> Iterator[Violation]:
    """A policy of the target's group or subscription forbids the target as designed.

    Source: F59, `RequestDisallowedByPolicy`; D/policy-reference.md.
    """
    found = evidence.validation
    if isinstance(found, Validation) and found.is_policy:
        yield Violation(
            found.message,
            "Change the setting at the source, or request an exemption: az policy exemption create "
            "--exemption-category Waiver --policy-assignment ASSIGNMENT-ID --name NAME --scope "
            f"{evidence.request.target_id.split('/providers/')[0]}",
            evidence.request.target_id,
        )


@check("blocker")
def template_refused(evidence: Evidence) -> Iterator[Violation]:
    """Azure does not accept the target's template.

    Validation does not check children of a registry that does not exist yet.
    Source: the REST API of deployments; validate deploys nothing.
    """
    found = evidence.validation
    if isinstance(found, Validation) and found.code and not found.is_policy and not _is_said(found, evidence):
        yield Violation(
            f"{found.code}: {found.message}",
            found.remedy or "Change what it names at the source, then plan again.",
            evidence.request.target_id,
        )


@check("note")
def template_not_validated(evidence: Evidence) -> Iterator[Violation]:
    """Policies and template cannot be validated yet, because the target's resource group does not exist.

    They are validated before the deployment, in any case.
    Source: F59; validation needs a resource group.
    """
    if evidence.validation is None:
        target = evidence.request.target
        group = ResourceId(evidence.request.target_id).group_id
        yield Violation(
            f"Policies can be checked only once resource group {target.resource_group} exists.",
            f"To know now, plan again after: az group create --name {target.resource_group} "
            f"--location {target.location} --subscription {evidence.request.target_subscription_id}",
            group,
        )


def _is_said(found: Validation, evidence: Evidence) -> bool:
    """Return whether another check already explains why Azure rejects the template."""
    text = f"{found.code} {found.message}"
    return any(re.search(rf"\b{code}\b", text) and any(rule(evidence)) for code, rule in _EXPLAINED.items())


@check("warning")
def deployment_touches_others(evidence: Evidence) -> Iterator[Violation]:
    """What-if predicts a change to, or the deletion of, a resource that this relocation has not created.

    Source: the REST API of deployments; ours are incremental, so this is never expected.
    """
    found = evidence.validation
    if not isinstance(found, Validation):
        return
    ours = evidence.request.target_id.lower()
    for resource, change in found.changes.items():
        mine = f"{resource.lower()}/".startswith(f"{ours}/") and (
            change != "Delete" or isinstance(evidence.target, Registry)
        )
        if change in {"Modify", "Delete"} and not mine:
            yield Violation(
                f"Deploying the target would {change.lower()} {resource}.",
                "Choose another target.name or target.resource_group, or see why: az deployment group what-if "
                f"--resource-group {evidence.request.target.resource_group} --template-file TEMPLATE.json",
                resource,
            )
