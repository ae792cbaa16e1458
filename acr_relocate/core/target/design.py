"""The design of the target registry: the source's settings and children, moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import Field

from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.managed_identities import portable_identity
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import (
    PREVIEW_ONLY,
    WRITABLE,
    unknown_properties,
    writable_properties,
)
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import REWRITES, Move, rewrite_child
from acr_relocate.core.target.children.tasks import runs_by_itself
from acr_relocate.core.target.children.webhooks import is_enabled
from acr_relocate.core.target.external_references import id_mapping, replace_ids, shared_resources


class Design(FrozenModel):
    """The future target registry, with plain ids.

    `deferred`: settings deferred until the content is verified, because they would delete, hide or lock imported
    content: properties of the registry and, under `tasks`, of its tasks by name. The subnets in `networkRuleSet` and
    the status of the `webhooks` are deferred to the cut-over alone. `notes`: changes and omissions. `mappings`:
    references to the source region or to shared resources, each with the request field that maps it. `later`: settings
    deferred until the last source of the target is verified, by a run of that one.
    """

    registry: Registry
    deferred: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[Finding, ...] = ()
    mappings: tuple[Finding, ...] = ()
    later: dict[str, Any] = Field(default_factory=dict)

    @property
    def with_subnets(self) -> Registry:
        """The registry once the cut-over has let the subnets in."""
        waiting = (self.later | self.deferred).get("networkRuleSet")
        if not waiting:
            return self.registry
        rules = {**(self.registry.properties.get("networkRuleSet") or {}), **waiting}
        return self.registry.model_copy(update={"properties": {**self.registry.properties, "networkRuleSet": rules}})


LEGACY_MODE: Final = "LegacyRegistryPermissions"
MAPPABLE: Final = frozenset({"diagnostic_sink_of_old_region", "private_endpoint_without_subnet"})


# Policies and their status until the verification. Retention deletes untagged manifests for good, soft delete refuses
# to import artifacts that it holds, quarantine hides imports, a disabled export closes the registry.
HELD_BACK: Final = {
    "exportPolicy": "disabled",
    "quarantinePolicy": "enabled",
    "retentionPolicy": "enabled",
    "softDeletePolicy": "enabled",
}


def design(source: Registry, request: RelocationRequest, found_in_export: Iterable[Child] = ()) -> Design:
    """Return the target's design. `found_in_export` are children that the reads of the source did not find."""
    source, shared = source.as_decided, request.consolidation
    move, by = Move(source, request), id_mapping(request)
    properties, notes = _properties(source, move)
    policies, deferred = _hold_back(properties.pop("policies", {}))
    subnets = properties.get("networkRuleSet", {}).pop("virtualNetworkRules", None)
    moved = [rewrite_child(_replaced_child(child, by), move) for child in (*source.children, *found_in_export)]
    children, waiting = _hold_back_tasks([child for child, _ in moved if child])
    children, silent = _hold_back_webhooks(children, request)
    registry = Registry(
        id=request.target_id,
        name=request.target.name,
        location=request.target.location,
        sku=source.sku,
        login_server="",  # Azure decides; never computed, because it may carry a hash
        identity=replace_ids(portable_identity(source.identity), by),
        tags=replace_ids(source.tags, by) | identity_tags(source, request),
        properties=replace_ids(properties, by) | ({"policies": policies} if policies else {}),
        children=tuple(sorted(children, key=lambda child: (list(REWRITES).index(child.kind), child.name))),
        api_versions=source.api_versions,
    )
    from_children = [finding for _, findings in moved for finding in findings]
    said = [*_unknown(source), *notes, *(finding for finding in from_children if finding.code not in MAPPABLE)]
    mappable = [finding for finding in from_children if finding.code in MAPPABLE]
    held = {
        "policies": deferred,
        "tasks": waiting,
        "webhooks": silent,
        "networkRuleSet": {"virtualNetworkRules": subnets} if subnets else {},
    }
    applies = shared.is_last(source.name) and not source.share.unread
    of_all = {} if applies else {name: held.pop(name) for name in ("policies", "networkRuleSet")}
    return Design(
        registry=registry,
        deferred={name: value for name, value in held.items() if value},
        later={name: value for name, value in of_all.items() if value},
        notes=tuple(dict.fromkeys(said)),
        mappings=tuple(dict.fromkeys([*mappable, *shared_resources(registry, source, request)])),
    )


def identity_tags(source: Registry, request: RelocationRequest) -> dict[str, str]:
    """Return the tags of the target that say which relocation made it, and from which registry."""
    first = next(iter(request.consolidation.sources), None)
    return {PLAN_TAG: target_mark(request), SOURCE_TAG: first.registry.resource_id if first else source.id}


def _replaced_child(child: Child, by: Mapping[str, str]) -> Child:
    changes = {"properties": child.properties, "identity": child.identity, "tags": child.tags}
    return child.model_copy(update=replace_ids(changes, by))


def _hold_back_tasks(children: list[Child]) -> tuple[list[Child], dict[str, Any]]:
    """Return the children with triggered tasks disabled, and the deferred settings of these."""
    waiting = {child.name for child in children if child.kind == "tasks" and runs_by_itself(child)}
    disabled = _with_status(children, "tasks", waiting, "Disabled")
    return disabled, {name: {"status": "Enabled"} for name in sorted(waiting)}


def _hold_back_webhooks(children: list[Child], request: RelocationRequest) -> tuple[list[Child], dict[str, Any]]:
    """Return the children with webhooks disabled, and the deferred settings of these, if artifacts may be pushed.

    A push is an event that a webhook tells its receiver; an import is another one.
    """
    if request.small_artifacts == "import":
        return children, {}
    waiting = {child.name for child in children if child.kind == "webhooks" and is_enabled(child)}
    disabled = _with_status(children, "webhooks", waiting, "disabled")
    return disabled, {name: {"status": "enabled"} for name in sorted(waiting)}


def _with_status(children: list[Child], kind: str, names: set[str], status: str) -> list[Child]:
    return [
        child.model_copy(update={"properties": child.properties | {"status": status}})
        if child.kind == kind and child.name in names
        else child
        for child in children
    ]


def subnet_ids(registry: Registry) -> list[str]:
    """Return the subnets that the network rules allow."""
    return rule_subnets((registry.properties.get("networkRuleSet") or {}).get("virtualNetworkRules") or [])


def rule_subnets(rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the subnets of these rules; the wire has had two names for their ids."""
    return [rule.get("virtualNetworkSubnetResourceId") or rule["id"] for rule in rules]


def subnet_rules(subnets: Iterable[str]) -> list[dict[str, str]]:
    """Return the network rules that allow these subnets, as the preview api-version writes them."""
    return [{"action": "Allow", "virtualNetworkSubnetResourceId": subnet} for subnet in subnets]


def _properties(source: Registry, move: Move) -> tuple[dict[str, Any], list[Finding]]:
    properties, notes = writable_properties("registries", source.properties), list[Finding]()
    properties.setdefault("roleAssignmentMode", LEGACY_MODE)  # Azure will make the other one its default
    for name, default in PREVIEW_ONLY.items():
        if str(properties.get(name) or "").lower() in {default, ""}:
            properties.pop(name, None)
    if "networkRuleSet" in properties:
        subnets, missing = _map_subnets(source, move)
        properties["networkRuleSet"].pop("virtualNetworkRules", None)
        properties["networkRuleSet"] |= {"virtualNetworkRules": subnet_rules(subnets)} if subnets else {}
        notes += missing
    if says((properties.get("policies") or {}).get("trustPolicy", {}).get("status"), "enabled"):
        del properties["policies"]["trustPolicy"]
        notes.append(_content_trust_stays_behind(source))
    return properties, notes


def _unknown(source: Registry) -> Iterator[Finding]:
    """Yield a finding for each property without a published type definition: it is not carried."""
    whole = Child(kind="registries", name=source.name, properties=source.properties)
    for one in (whole, *source.children):
        for name in unknown_properties(one.kind, one.properties) if one.kind in WRITABLE else ():
            yield Finding(
                code="unknown_property",
                severity="warning",
                message=f"The property {name} of {one.kind}/{one.name} is unknown and is left out.",
                remedy="Set it manually at the target if it matters.",
                resource=source.id,
            )


def _map_subnets(source: Registry, move: Move) -> tuple[list[str], list[Finding]]:
    """Return the target's subnets, and a finding for each subnet of the source that the request does not map."""
    subnets = {subnet: replace_ids(subnet, id_mapping(move.request)) for subnet in subnet_ids(source)}
    mapped = [there for there in subnets.values() if move.is_there(there)]
    return mapped, [subnet_stays_behind(here) for here, there in subnets.items() if not move.is_there(there)]


def _hold_back(policies: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policies to deploy and those to defer. Soft delete, not stable, is deployed by omission."""
    later = {
        name: policy for name, policy in policies.items() if policy.get("status", "").lower() == HELD_BACK.get(name)
    }
    now = {name: policy for name, policy in policies.items() if name not in later and name != "softDeletePolicy"}
    return now, later


def subnet_stays_behind(subnet: str) -> Finding:
    """Return the finding that the request maps no target subnet to one of the source."""
    return Finding(
        code="virtual_network_rule_without_mapping",
        severity="decision",
        message=f"The rule for {ResourceId(subnet).subnet_name} is left out: "
        "a service endpoint works for a subnet of its own region.",
        remedy=f"# In the request:\nsubnets:\n  {subnet}: RESOURCE-ID-OF-THE-TARGET-SUBNET",
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
