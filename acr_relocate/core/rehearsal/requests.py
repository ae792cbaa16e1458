"""The deployment of a rehearsal: a small registry shaped like the source, and the request that relocates it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import REGISTRIES
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.rehearsal.rehearsal import Rehearsal
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.core.target.template import TargetTemplate, build_template

LEFT_OUT: Final = frozenset({"privateEndpoints", "diagnosticSettings"})
"""Kinds of children that the small source has not: they reach into networks and logs. They are tried at the target."""

NO_RECEIVER: Final = "https://rehearsal.invalid/"
"""Where the webhooks of the small source would call. They are disabled, and the name never resolves."""


def is_closed(source: Registry) -> bool:
    """Whether the source is reached through private endpoints alone, which the small source does not have."""
    return says(source.properties.get("publicNetworkAccess"), "disabled")


def small_source_template(
    source: Registry, request: RelocationRequest, rehearsal: Rehearsal, *, replica: bool = False
) -> TargetTemplate:
    """Return the template of the small source, in the source's region: its settings and children, and no secret.

    `replica`: without a replica in the target's region, and what is there, since one is made for the imports.
    """
    left_out = request.target.location if replica else ""
    target = TargetRef(
        name=ResourceId(rehearsal.small_source).name,
        resource_group=ResourceId(rehearsal.small_source).group,
        subscription_id=rehearsal.subscription_id,
        location=rehearsal.home,
    )
    seed = RelocationRequest(source=request.source, target=target)
    made = build_template(None, _without_what_reaches_others(source, left_out), seed)
    resources = [_harmless(resource, rehearsal, made) for resource in made.template["resources"]]
    parameters = {
        name: one for name, one in made.template["parameters"].items() if not one["type"].startswith("secure")
    }
    return TargetTemplate(template=made.template | {"parameters": parameters, "resources": resources})


def small_relocation(
    request: RelocationRequest, rehearsal: Rehearsal, template: TemplateFile, *, replica: bool
) -> RelocationRequest:
    """Return the request that relocates the small source as the request would relocate the source.

    Subnets, replacements and identities stay. Settings of the real registries alone are left out: fixed addresses, the
    vault for passwords, the selection, the window, and the questions. `template`: the edited one, for the small target.
    """
    target = request.target.model_copy(
        update={
            "name": ResourceId(rehearsal.small_target).name,
            "resource_group": ResourceId(rehearsal.small_target).group,
            "subscription_id": rehearsal.target_subscription_id,
        }
    )
    return request.model_copy(
        update={
            "source": RegistryRef(name=rehearsal.small_source),
            "target": target,
            "approvals": [],
            "cut_over": True,
            "delete_source": False,
            "content": True,
            "only": [],
            "prune": False,
            "prune_unselected": False,
            "rename": {},
            "workers": 1,
            "selection": Selection(),
            "window": Window(),
            "template": template,
            "via_replica": replica,
            "static_addresses": {},
            "token_vault": "",
        }
    )


def _without_what_reaches_others(source: Registry, region: str) -> Registry:
    """Return the source, open, without the children that would reach others or are in the region."""
    children = tuple(
        _silent(child)
        for child in source.children
        if child.kind not in LEFT_OUT and not (region and normalise_location(child.location or "") == region)
    )
    opened = {"publicNetworkAccess": "Enabled"} if is_closed(source) else {}
    return source.model_copy(update={"children": children, "properties": source.properties | opened})


def _silent(child: Child) -> Child:
    if child.kind != "webhooks":
        return child
    return child.model_copy(update={"properties": child.properties | {"status": "disabled"}})


def _harmless(resource: dict[str, Any], rehearsal: Rehearsal, made: TargetTemplate) -> dict[str, Any]:
    """Return the resource without secrets; the registry with the rehearsal's tags, and what a target gets later."""
    if resource["type"] == REGISTRIES:
        tags = {name: value for name, value in resource["tags"].items() if name not in {PLAN_TAG, SOURCE_TAG}}
        properties = {**resource["properties"], **_later(resource["properties"], made.deferred)}
        return resource | {"tags": tags | rehearsal.tags, "properties": properties}
    if resource["type"] == f"{REGISTRIES}/webhooks":
        return resource | {"properties": resource["properties"] | {"serviceUri": NO_RECEIVER, "customHeaders": {}}}
    return resource


def _later(properties: Mapping[str, Any], deferred: Mapping[str, Any]) -> dict[str, Any]:
    """Return the retention policy and the subnets, which are deferred at a target.

    A retention of 0 days is left out: it would delete what is pushed.
    """
    retention = (deferred.get("policies") or {}).get("retentionPolicy") or {}
    found = {
        "policies": {"retentionPolicy": retention} if retention.get("days") else {},
        "networkRuleSet": deferred.get("networkRuleSet") or {},
    }
    return {name: {**(properties.get(name) or {}), **value} for name, value in found.items() if value}
