"""The subnets that may use the target through service endpoints are let in once the imports are done.

Azure's trusted services are told to get past private endpoints and address rules, but not past service endpoints
(container-registry, allow-access-trusted-services), and imports come as such a service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import ChangeResource
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.target.design import subnet_ids


def network_rule_actions(cut: CutOverContext, later: dict[str, Any]) -> Iterator[CutOverAction]:
    """Yield the update, if `later` (core.target.Design.deferred) has subnets. Azure replaces the rules as a whole."""
    rules = (later.get("networkRuleSet") or {}).get("virtualNetworkRules")
    if not rules:
        return
    deployed = cut.target.properties.get("networkRuleSet") or {}
    now, before = {**deployed, "virtualNetworkRules": rules}, {**deployed, "virtualNetworkRules": []}
    target_id, version = cut.request.target_id, cut.source.api_versions.to_write({"networkRuleSet": now})

    def patch(value: dict[str, Any]) -> ArmCall:
        body = {"properties": {"networkRuleSet": value}}
        return ArmCall(method="PATCH", path=target_id, api_version=version, body=body)

    expected = {"properties": {"networkRuleSet": {"virtualNetworkRules": rules}}}
    yield CutOverAction(
        id=f"{target_id.lower()}/networkruleset",
        kind="subnet_rule",
        subject=f"subnets of {cut.request.target.name}",
        what=f"allow the subnets that replace those of {cut.source.name}, now that the imports are done",
        call=patch(now),
        look=DoneWhen(call=ArmCall(method="GET", path=target_id, api_version=version), expected=expected),
        about=tuple(subnet_ids(cut.source)),
        effect=ChangeResource(restore=(patch(before),)),
    )
