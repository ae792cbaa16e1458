"""Checks of Azure's limits: what a SKU includes and allows, and the size of one deployment."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.locks import delete_lock_on_target
from acr_relocate.core.errors import InvalidTemplate
from acr_relocate.core.evidence.azure_facts import TargetResourceGroup
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.target.design import subnet_ids
from acr_relocate.core.target.template import build_template

TIB: Final = 2**40
_GIB: Final = 2**30
# Where listUsages does not tell the registry's own limit: Azure's table of SKUs
# (docs.azure.cn/container-registry/container-registry-skus, which the English pages include).
MAXIMUM_TIB: Final[Mapping[str, int]] = {"Basic": 40, "Standard": 40, "Premium": 100}
WEBHOOKS: Final[Mapping[str, int]] = {"Basic": 2, "Standard": 10, "Premium": 500}
TOKENS: Final[Mapping[str, int]] = {"Basic": 100, "Standard": 500, "Premium": 50_000}
NETWORK_RULES: Final[Mapping[str, int]] = {"ipRules": 200, "virtualNetworkRules": 100}
CACHE_RULES: Final = 1_000
CONNECTED_REGISTRIES: Final = 50
PRIVATE_ENDPOINTS: Final = 200
SCOPE_MAP_ACTIONS: Final = 500
# Template limits (learn.microsoft.com, templates/best-practices).
_RESOURCES: Final = 800
PARAMETERS: Final = 256
TEMPLATE_BYTES: Final = 4 * 2**20
RESOURCE_BYTES: Final = 2**20
_DEPLOYMENTS: Final = 800
NEARLY: Final = 790
# Tags of one resource (learn.microsoft.com, azure-resource-manager/management/tag-resources).
_TAGS: Final = 50


@check("blocker")
def resource_tags_beyond_limit(evidence: Evidence) -> Iterator[Violation]:
    """The target would have more resource tags than Azure allows: the source's, and the relocation's own.

    Source: learn.microsoft.com, management/tag-resources: 50 tags for each resource.
    """
    target = evidence.design.registry
    added = sorted(target.tags.keys() - evidence.source.tags.keys())
    if len(target.tags) > _TAGS:
        over = len(target.tags) - _TAGS
        yield Violation(
            f"{evidence.source.name} has {len(evidence.source.tags)} resource tags; with {', '.join(added)} the target "
            f"would have {len(target.tags)}, and Azure allows {_TAGS}.",
            f"Take {over} away, here or in an edited template: az tag update --operation Delete --resource-id "
            f"{evidence.source.id} --tags NAME=VALUE",
            evidence.source.id,
        )


@check("note")
def storage_beyond_included(evidence: Evidence) -> Iterator[Violation]:
    """The content exceeds the SKU's included storage: the excess is paid for at the target too, and twice for a while.

    Source: F50; listUsages, which may lag behind.
    """
    (size, included), sku = _usage(evidence, "Size"), evidence.source.sku
    if 0 < included < size <= MAXIMUM_TIB.get(sku, 40) * TIB:
        yield Violation(
            f"{evidence.source.name} holds {size / _GIB:,.0f} GiB; {sku} includes {included / _GIB:,.0f}.",
            f"To move less, name selection.repositories, or purge first: az acr run --registry {evidence.source.name} "
            "--cmd \"acr purge --filter 'REPOSITORY:.*' --ago 90d --untagged --dry-run\" /dev/null",
            evidence.source.id,
        )


@check("blocker")
def storage_beyond_maximum(evidence: Evidence) -> Iterator[Violation]:
    """The content is more than a registry of the SKU can hold.

    Source: F50.
    """
    (size, _), sku = _usage(evidence, "Size"), evidence.source.sku
    most = MAXIMUM_TIB.get(sku, 40)
    if size > most * TIB:
        yield Violation(
            f"{evidence.source.name} holds {size / TIB:,.1f} TiB; a {sku} registry can hold {most}.",
            "Move it in parts to several registries, with selection.repositories.",
            evidence.source.id,
        )


@check("blocker")
def children_beyond_sku(evidence: Evidence) -> Iterator[Violation]:
    """The target would have more webhooks, tokens, scope maps, cache rules or replicas than its SKU allows.

    A registry that was downgraded keeps its children; a new one cannot get them.
    Source: F50; D/container-registry-skus.md, D/artifact-cache-overview.md.
    """
    target, sku = evidence.design.registry, evidence.source.sku
    most = {
        "webhooks": _limit(evidence, "Webhooks", WEBHOOKS.get(sku, 0)),
        "tokens": _limit(evidence, "Tokens", TOKENS.get(sku, 0)),
        "scopeMaps": _limit(evidence, "ScopeMaps", TOKENS.get(sku, 0)),
        "cacheRules": CACHE_RULES,
    }
    for kind, limit in most.items():
        count = len(target.children_of(kind))
        if count > limit:
            yield Violation(
                f"The target would have {count} {kind}; a {sku} registry has at most {limit:g}.",
                f"Delete what is not needed, or: az acr update --name {evidence.source.name} --sku Premium",
                evidence.source.id,
            )


@check("warning")
def by_hand_beyond_limit(evidence: Evidence) -> Iterator[Violation]:
    """The source has more private endpoints or connected registries than a registry may have.

    Source: D/container-registry-private-endpoints.md, D/intro-connected-registry.md.
    """
    for kind, limit in (
        ("privateEndpointConnections", _limit(evidence, "PrivateEndpointConnections", PRIVATE_ENDPOINTS)),
        ("connectedRegistries", CONNECTED_REGISTRIES),
    ):
        count = len(evidence.source.children_of(kind))
        if count > limit:
            yield Violation(
                f"The source has {count} {kind}; a registry has at most {limit:g}.",
                "Make only those at the target that are needed.",
                evidence.source.id,
            )


@check("blocker")
def network_rules_beyond_limit(evidence: Evidence) -> Iterator[Violation]:
    """The target would have more network rules than a registry may have.

    Source: D/container-registry-access-selected-networks.md, D/container-registry-vnet.md.
    """
    target = evidence.design.with_subnets
    rules = (target.properties.get("networkRuleSet") or {}).get("ipRules") or ()
    counts = {"ipRules": ("IPRules", len(rules)), "virtualNetworkRules": ("VNetRules", len(subnet_ids(target)))}
    for kind, (usage, count) in counts.items():
        limit = _limit(evidence, usage, NETWORK_RULES[kind])
        if count > limit:
            yield Violation(
                f"The target would have {count} {kind}; a registry has at most {limit:g}.",
                f"Sum addresses up to ranges: az acr network-rule list --name {evidence.source.name}",
                evidence.source.id,
            )


@check("blocker")
def scope_map_beyond_limit(evidence: Evidence) -> Iterator[Violation]:
    """A scope map allows more than 500 actions.

    Source: D/container-registry-token-based-repository-permissions.md.
    """
    for scope_map in evidence.design.registry.children_of("scopeMaps"):
        count = len(scope_map.properties.get("actions") or ())
        if count > SCOPE_MAP_ACTIONS:
            yield Violation(
                f"Scope map {scope_map.name} has {count} actions; the most is {SCOPE_MAP_ACTIONS}.",
                "Sum repositories up with a wildcard (prefix/*), or make several: az acr scope-map update "
                f"--registry {evidence.source.name} --name {scope_map.name} --add-repository 'prefix/*' content/read",
                f"scopeMaps/{scope_map.name}",
            )


@check("blocker")
def template_beyond_limit(evidence: Evidence) -> Iterator[Violation]:
    """The target's template has more resources, parameters or bytes than one deployment takes.

    Source: learn.microsoft.com, templates/best-practices; each webhook takes two parameters.
    """
    template = _template(evidence)
    resources = [len(json.dumps(resource)) for resource in template.get("resources", ())]
    sizes = (
        ("resources", len(resources), _RESOURCES),
        ("parameters", len(template.get("parameters", ())), PARAMETERS),
        ("bytes", len(json.dumps(template)), TEMPLATE_BYTES),
        ("bytes in one resource", max(resources, default=0), RESOURCE_BYTES),
    )
    for what, count, limit in sizes:
        if count > limit:
            yield Violation(
                f"The target's template has {count:,} {what}; Azure takes {limit:,}.",
                "Delete children of the source that are not needed; the others can be deployed manually in parts: "
                "az deployment group create --template-file PART.json",
                evidence.source.id,
            )


@check("warning")
def deployment_history_nearly_full(evidence: Evidence) -> Iterator[Violation]:
    """The target's group has nearly 800 deployments in its history, and a lock keeps Azure from deleting old ones.

    Source: F58, `DeploymentQuotaExceeded`; lock-resources.md. Without a lock Azure deletes the oldest.
    """
    group = evidence.group
    if (
        not isinstance(group, TargetResourceGroup)
        or not isinstance(group.deployments, int)
        or group.deployments < NEARLY
    ):
        return
    if any(delete_lock_on_target(evidence)):
        name = group.id.rsplit("/", 1)[-1]
        yield Violation(
            f"Resource group {name} holds {group.deployments} of {_DEPLOYMENTS} deployments and cannot delete any.",
            f"Remove the lock for a while, or: az deployment group delete --resource-group {name} --name OLD-ONE",
            group.id,
        )


def _usage(evidence: Evidence, what: str) -> tuple[int, int]:
    """Return the current value and the limit; 0 and 0 if unknown."""
    return evidence.usage.get(what, (0, 0)) if isinstance(evidence.usage, dict) else (0, 0)


def _limit(evidence: Evidence, what: str, otherwise: int) -> float:
    """Return the registry's limit from listUsages, -1 being unlimited; else the one in Azure's documentation.

    A limit of 0 means that the SKU lacks the feature; checks of the SKU report that.
    """
    _, limit = _usage(evidence, what)
    return math.inf if limit < 0 else limit or otherwise


def _template(evidence: Evidence) -> dict[str, Any]:
    try:
        return build_template(None, evidence.source, evidence.request).template
    except InvalidTemplate:
        return {}
