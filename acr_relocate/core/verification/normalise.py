"""Normalise settings that Azure writes in several ways, so that only real differences remain."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_network
from typing import Any, Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_types import writable_properties
from acr_relocate.core.target.design import subnet_ids

Json = dict[str, Any]

TERMS: Final = {"retentionPolicy": "days", "softDeletePolicy": "retentionDays"}
"""Policy -> its duration property, which is irrelevant while the policy is off."""

TRIGGERS: Final = ("timerTriggers", "sourceTriggers")


def settings_of(registry: Registry) -> Json:
    """Return the registry's own writable settings."""
    own = writable_properties("registries", registry.properties)
    rules = dict(own.get("networkRuleSet") or {})
    if subnets := subnet_ids(registry):
        rules["virtualNetworkRules"] = [subnet.lower() for subnet in subnets]
    if rules.get("ipRules"):
        rules["ipRules"] = [_address(rule) for rule in rules["ipRules"]]
    policies = {name: _policy(name, policy) for name, policy in (own.get("policies") or {}).items()}
    return own | ({"networkRuleSet": rules} if rules else {}) | ({"policies": policies} if policies else {})


def settings_of_child(child: Child) -> Json:
    """Return the carried settings of the child, without those that a diagnostic setting names but does not keep."""
    own = writable_properties(child.kind, child.properties)
    if child.kind == "diagnosticSettings":
        return {name: _kept(value) if name in {"logs", "metrics"} else value for name, value in own.items()}
    if isinstance(own.get("trigger"), Mapping):
        own["trigger"] = {
            name: [_switched(one) for one in value or ()] if name in TRIGGERS else value
            for name, value in own["trigger"].items()
        }
    return own


def respelled(registry: Registry, like: Registry) -> Registry:
    """Return the registry with its children's names in the other's case: ARM ignores the case of names."""
    names = {(child.kind, child.name.lower()): child.name for child in like.children}
    children = (
        child.model_copy(update={"name": names.get((child.kind, child.name.lower()), child.name)})
        for child in registry.children
    )
    return registry.model_copy(update={"children": tuple(children)})


def _address(rule: Json) -> Json:
    """Return an address rule in canonical form: a single address without a mask, a range by its first, an action."""
    value = str(rule.get("value"))
    with suppress(ValueError):  # other text stays as it is
        value = str(ip_network(value, strict=False)).removesuffix("/32")
    return {"action": str(rule.get("action") or "Allow").capitalize(), "value": value}


def _policy(name: str, policy: Any) -> Any:
    if not isinstance(policy, Mapping) or str(policy.get("status") or "disabled").lower() != "disabled":
        return policy
    return {key: value for key, value in policy.items() if key != TERMS.get(name)}


def _kept(entries: Any) -> list[Json]:
    return [one for one in entries or () if one.get("enabled")]


def _switched(trigger: Json) -> Json:
    """Return a trigger with an explicit status, whose default is on (TriggerStatus), in canonical form."""
    return trigger | {"status": str(trigger.get("status") or "Enabled").capitalize()}
