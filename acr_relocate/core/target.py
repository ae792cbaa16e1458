"""The target registry as it should be: the source's settings and children, moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import Field

from acr_relocate.core.arm_types import PREVIEW_ONLY, READ_ONLY, WRITABLE, portable_identity, writable
from acr_relocate.core.children import KINDS, Move, rewrite_child
from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Child, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG, plan_id
from acr_relocate.core.request import RelocationRequest


class Design(Frozen):
    """The target registry to be, with plain ids.

    `held_back`: properties to set once the content is verified, because they would delete, hide or lock in what is
    being imported. `notes`: what was changed or left out.
    """

    registry: Registry
    held_back: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[Finding, ...] = ()


# Policies by the status in which they wait for the verification. Retention deletes untagged manifests for good,
# soft delete refuses to import what it remembers, quarantine hides what arrives, a disabled export closes the registry.
HELD_BACK: Final = {
    "exportPolicy": "disabled",
    "quarantinePolicy": "enabled",
    "retentionPolicy": "enabled",
    "softDeletePolicy": "enabled",
}


def design(source: Registry, request: RelocationRequest, found_in_export: Iterable[Child] = ()) -> Design:
    """Return the target registry to be. `found_in_export` are children that the reads of the source did not find."""
    move = Move(source, request)
    properties, notes = _properties(source, request)
    policies, held_back = _hold_back(properties.pop("policies", {}))
    moved = [rewrite_child(child, move) for child in (*source.children, *found_in_export)]
    children = [child for child, _ in moved if child]
    registry = Registry(
        id=request.target_id,
        name=request.target.name,
        location=request.target.location,
        sku=source.sku,
        login_server="",  # Azure decides; never computed, because it may carry a hash
        identity=portable_identity(source.identity),
        tags=source.tags | {PLAN_TAG: plan_id(request), SOURCE_TAG: source.id},
        properties=properties | ({"policies": policies} if policies else {}),
        children=tuple(sorted(children, key=lambda child: (list(KINDS).index(child.kind), child.name))),
    )
    said = dict.fromkeys([*notes, *(finding for _, findings in moved for finding in findings)])
    return Design(registry=registry, held_back={"policies": held_back} if held_back else {}, notes=tuple(said))


def subnet_ids(registry: Registry) -> list[str]:
    """Return the subnets that the network rules allow; the wire has had two names for their ids."""
    rules = (registry.properties.get("networkRuleSet") or {}).get("virtualNetworkRules") or []
    return [rule.get("virtualNetworkSubnetResourceId") or rule["id"] for rule in rules]


def subnet_rules(subnets: Iterable[str]) -> list[dict[str, str]]:
    """Return the network rules that allow these subnets, as the preview api-version writes them."""
    return [{"action": "Allow", "virtualNetworkSubnetResourceId": subnet} for subnet in subnets]


def _properties(source: Registry, request: RelocationRequest) -> tuple[dict[str, Any], list[Finding]]:
    properties = writable("registries", source.properties)
    notes = [
        Finding(
            code="unknown_property",
            severity="warning",
            message=f"The registry's property {name} is not known here and is left out.",
            remedy="Set it at the target by hand if it matters.",
            resource=source.id,
        )
        for name in sorted(source.properties.keys() - WRITABLE["registries"].keys() - READ_ONLY)
    ]
    for name, default in PREVIEW_ONLY.items():
        if str(properties.get(name) or "").lower() in {default, ""}:
            properties.pop(name, None)
    if "networkRuleSet" in properties:
        subnets, missing = _map_subnets(source, request)
        properties["networkRuleSet"].pop("virtualNetworkRules", None)
        properties["networkRuleSet"] |= {"virtualNetworkRules": subnet_rules(subnets)} if subnets else {}
        notes += missing
    if (properties.get("policies") or {}).get("trustPolicy", {}).get("status") == "enabled":
        del properties["policies"]["trustPolicy"]
        notes.append(_content_trust_stays_behind(source))
    return properties, notes


def _map_subnets(source: Registry, request: RelocationRequest) -> tuple[list[str], list[Finding]]:
    """Return the target's subnets, and a finding for each subnet of the source that the request does not map."""
    mapping = {here.lower(): there for here, there in request.subnets.items()}
    subnets = subnet_ids(source)
    mapped = [mapping[subnet.lower()] for subnet in subnets if subnet.lower() in mapping]
    return mapped, [subnet_stays_behind(subnet) for subnet in subnets if subnet.lower() not in mapping]


def _hold_back(policies: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policies to deploy and those to set later. Soft delete, not stable, is deployed by being left out."""
    later = {
        name: policy for name, policy in policies.items() if policy.get("status", "").lower() == HELD_BACK.get(name)
    }
    now = {name: policy for name, policy in policies.items() if name not in later and name != "softDeletePolicy"}
    return now, later


def subnet_stays_behind(subnet: str) -> Finding:
    """Return the finding that no subnet of the target is named for one of the source."""
    return Finding(
        code="virtual_network_rule_without_mapping",
        severity="decision",
        message=f"The rule for {subnet} is left out: a service endpoint works for a subnet of its own region.",
        remedy=f"subnets:\n  {subnet}: RESOURCE-ID-OF-THE-TARGET'S-SUBNET",
        resource=subnet,
    )


def _content_trust_stays_behind(source: Registry) -> Finding:
    return Finding(
        code="content_trust_cannot_be_enabled",
        severity="warning",
        message="Content trust is not enabled at the target: Azure enables it for no registry since 2026-05-31.",
        remedy="Sign images with Notation instead; such signatures are moved.",
        resource=source.id,
    )
