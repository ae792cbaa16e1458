"""Who uses a registry, told from what Azure shows of its surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from acr_relocate.core.checks.evidence import Unknown
from acr_relocate.core.checks.reading import could_not_be_read
from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Registry
from acr_relocate.core.model import Frozen

Kind = Literal["cluster", "private_endpoint", "role_assignment", "diagnostic_setting"]
Json = dict[str, Any]


class Usage(Frozen):
    """The surroundings of a registry, as Azure shows them.

    All clusters and private endpoints of its subscription, and the role assignments and diagnostic settings at the
    registry itself.
    """

    clusters: tuple[Json, ...] = Field(())
    private_endpoints: tuple[Json, ...] = Field(())
    role_assignments: tuple[Json, ...] = Field(())
    diagnostic_settings: tuple[Json, ...] = Field(())


class Dependent(Frozen):
    """Something that would miss the registry. `how` says in a sentence what ties it to the registry."""

    kind: Kind
    id: str
    name: str
    location: str = ""
    how: str = ""


def dependents(registry: Registry, usage: Usage) -> tuple[Dependent, ...]:
    """Return everything that depends on the registry, by kind and name."""
    found = (
        *_clusters(usage),
        *_private_endpoints(registry, usage),
        *_role_assignments(usage),
        *_diagnostic_settings(usage),
    )
    return tuple(sorted(found, key=lambda dependent: (dependent.kind, dependent.name)))


def _clusters(usage: Usage) -> Iterator[Dependent]:
    """Clusters whose nodes pull as an identity that has a role at the registry."""
    holders = {_properties(entry).get("principalId") for entry in usage.role_assignments} - {None}
    for cluster in usage.clusters:
        kubelet = (_properties(cluster).get("identityProfile") or {}).get("kubeletidentity") or {}
        if kubelet.get("objectId") in holders:
            how = f"its nodes pull as {kubelet['objectId']}, which has a role at the registry"
            yield _dependent("cluster", cluster, how)


def _private_endpoints(registry: Registry, usage: Usage) -> Iterator[Dependent]:
    for endpoint in usage.private_endpoints:
        properties = _properties(endpoint)
        connections = [
            *(properties.get("privateLinkServiceConnections") or ()),
            *(properties.get("manualPrivateLinkServiceConnections") or ()),
        ]
        targets = {str(_properties(entry).get("privateLinkServiceId", "")).lower() for entry in connections}
        if registry.id.lower() in targets:
            subnet = (properties.get("subnet") or {}).get("id", "an unknown subnet")
            yield _dependent("private_endpoint", endpoint, f"reaches the registry from {subnet}")


def _role_assignments(usage: Usage) -> Iterator[Dependent]:
    for entry in usage.role_assignments:
        properties = _properties(entry)
        role = str(properties.get("roleDefinitionId", "")).rsplit("/", 1)[-1]
        yield _dependent("role_assignment", entry, f"{properties.get('principalId')} has the role {role}")


def _diagnostic_settings(usage: Usage) -> Iterator[Dependent]:
    for entry in usage.diagnostic_settings:
        properties = _properties(entry)
        sinks = [properties[key] for key in SINKS if properties.get(key)]
        yield _dependent("diagnostic_setting", entry, f"sends logs or metrics to {', '.join(sinks) or 'nowhere'}")


SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


def _dependent(kind: Kind, entry: Json, how: str) -> Dependent:
    return Dependent(kind=kind, id=entry["id"], name=entry["name"], location=str(entry.get("location") or ""), how=how)


def _properties(entry: Json) -> Json:
    return entry.get("properties") or {}


def notes(found: tuple[Dependent, ...] | Unknown) -> tuple[Finding, ...]:
    """Return the dependents as findings of a plan: what a person has to think of, since nothing of it moves here."""
    if isinstance(found, Unknown):
        return (could_not_be_read("what depends on the registry", found),)
    return tuple(
        Finding(
            code=f"{dependent.kind}_depends",
            severity="note",
            message=f"{dependent.name} depends on the registry: {dependent.how}.",
            remedy=REMEDIES[dependent.kind],
            resource=dependent.id,
        )
        for dependent in found
    )


REMEDIES: dict[Kind, str] = {
    "cluster": "After the relocation attach the target to it, and let what runs there name the target.",
    "private_endpoint": "After the relocation make one for the target, with its DNS records.",
    "role_assignment": "After the relocation assign the role at the target.",
    "diagnostic_setting": "After the relocation make one at the target.",
}
