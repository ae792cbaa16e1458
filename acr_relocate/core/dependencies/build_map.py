"""Build the dependency map: each part of the surroundings by its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from acr_relocate.core.dependencies import (
    access,
    alerts,
    bootstrap,
    children,
    downstream,
    events,
    governance,
    keys,
    networks,
    sites,
    workloads,
)
from acr_relocate.core.dependencies.context import MapContext, az
from acr_relocate.core.dependencies.model import Dependency, DependencyMap, Unread, ordered
from acr_relocate.core.dependencies.raw_surroundings import Surroundings, properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest

_PARTS: Final[tuple[Callable[[MapContext], Iterator[Dependency]], ...]] = (
    workloads.workload_dependencies,
    sites.site_dependencies,
    downstream.downstream_dependencies,
    bootstrap.bootstrap_dependencies,
    access.access_dependencies,
    networks.network_dependencies,
    events.event_dependencies,
    alerts.alert_dependencies,
    keys.key_dependencies,
    children.child_dependencies,
    governance.governance_dependencies,
)

WHAT: Final = {
    "naming": "resources whose settings name the registry",
    "clusters": "AKS clusters",
    "sites": "App Service and Function apps",
    "batch_pools": "Batch pools",
    "downstream": "cache rules and tasks of other registries",
    "through_groups": "roles that clusters have through groups",
    "host_rules": "policies that name a registry's host",
    "role_assignments": "role assignments",
    "granted": "roles of the registry's own identities",
    "diagnostic_settings": "diagnostic settings",
    "event_subscriptions": "Event Grid subscriptions",
    "alerts": "alert rules",
    "endpoints": "private endpoints",
    "zones": "private DNS zones",
    "policies": "policy assignments",
    "others": "resources that the settings above refer to",
    "locks": "locks",
}


def build_map(registry: Registry, surroundings: Surroundings, request: RelocationRequest) -> DependencyMap:
    """Return the map of resources tied to the registry, with the strategy for each under this request."""
    scene = MapContext(registry, request, surroundings)
    return DependencyMap(
        dependencies=ordered(entry for part in _PARTS for entry in part(scene)),
        unread=tuple(_unread(scene)),
    )


def findings(drawn: DependencyMap) -> tuple[Finding, ...]:
    """Return a finding for each unreadable part: nothing is concluded from it."""
    return tuple(
        Finding(
            code="could_not_be_read",
            severity="warning",
            message=f"Could not read {entry.what}: {entry.reason}",
            remedy=entry.remedy,
        )
        for entry in drawn.unread
        if entry.odd or entry.remedy == Unread.model_fields["remedy"].default
    )


def _unread(scene: MapContext) -> Iterator[Unread]:
    for name, what in WHAT.items():
        part = getattr(scene.around, name)
        if isinstance(part, Unknown):
            yield Unread(what=what, reason=part.reason)
    for row in scene.around.odd:
        yield Unread(
            what=f"{row.name or 'one'} of the {WHAT[row.part]}",
            reason=f"Azure's answer about it is not as documented ({row.reason})",
            remedy=f"{az('resource show', ids=row.id) if row.id else '# Look for it there'}\n"
            "# The plan leaves it out: look at it, and change manually what names the source.",
            odd=True,
        )
    for kind, reason in scene.registry.unread.items():
        yield Unread(what=f"{kind} of the registry", reason=reason)
    yield from _out_of_sight(scene)


def _out_of_sight(scene: MapContext) -> Iterator[Unread]:
    """Yield the facts that Azure never shows from outside, with how to find them."""
    for cluster in readable_items(scene.around.clusters):
        running = scene.around.running.get(cluster["id"].lower(), Unknown(reason="Container insights is off there"))
        if isinstance(running, Unknown):
            yield Unread(
                what=f"which images the cluster {cluster['name']} runs",
                reason=running.reason,
                remedy="On the manifests and charts that are deployed there: acr-relocate references scan PATH",
            )
        security = properties(cluster).get("securityProfile") or {}
        if (security.get("imageIntegrity") or {}).get("enabled"):
            yield Unread(
                what=f"which registries the trust policies of {cluster['name']} name",
                reason="Ratify verifies signatures there, and keeps its registryScopes in the cluster",
                remedy=f"kubectl get verifiers,stores --all-namespaces --output yaml > {cluster['name']}-ratify.yaml\n"
                f"acr-relocate references scan {cluster['name']}-ratify.yaml --from {scene.registry.login_server}",
            )
        application = str((properties(cluster).get("servicePrincipalProfile") or {}).get("clientId") or "msi")
        if application != "msi":
            yield Unread(
                what=f"whether the cluster {cluster['name']} pulls from the registry",
                reason=f"it runs as the service principal of application {application}",
                remedy=f"az aks check-acr --ids {cluster['id']} --acr {scene.registry.login_server}",
            )
