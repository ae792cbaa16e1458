"""Clusters that bootstrap from the registry: nodes of network-isolated AKS clusters pull AKS's own images from there.

`bootstrapProfile` names the registry; a cache rule of a fixed name and path fills it (aks/concepts-network-isolated).
Without the registry no node can be created, reimaged or upgraded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.spelling import says

CACHE_RULE: Final = "aks-managed-mcr"
CACHED: Final = ("mcr.microsoft.com/*", "aks-managed-repository/*")
PROFILE: Final = "bootstrapProfile"


def bootstrap_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the clusters whose nodes bootstrap from the registry."""
    for cluster in started_from(scene.registry, readable_items(scene.around.clusters)):
        shown = {**cluster, "id": f"{cluster['id']}/{PROFILE}"}
        yield entry_of(
            "bootstrap_registry",
            shown,
            f"its nodes start and are upgraded from here, by the cache rule {CACHE_RULE}",
            "Resource Graph",
            "re-wired",
            "manual: name the target in its bootstrap profile, then give its nodes a new image",
            f"{to_point(scene, cluster)}\n{to_renew_nodes(scene, cluster)}",
        )


def started_from(registry: Registry, clusters: tuple[Json, ...]) -> Iterator[Json]:
    """Yield the clusters whose bootstrap profile names the registry."""
    for cluster in clusters:
        if says((properties(cluster).get(PROFILE) or {}).get("containerRegistryId") or "", registry.id):
            yield cluster


def to_point(scene: MapContext, cluster: Json) -> str:
    """Return the command that names the target; without both options az ignores the given one (azure-cli#31209)."""
    return az(
        "aks update",
        **scene.where(cluster["id"]),
        bootstrap_artifact_source="Cache",
        bootstrap_container_registry_resource_id=scene.target_id,
    )


def to_renew_nodes(scene: MapContext, cluster: Json) -> str:
    """Return the command that makes existing nodes use the target as well; it restarts them one by one."""
    return az("aks upgrade", **scene.where(cluster["id"]), node_image_only=True, yes=True)


def why_unfit(target: Registry) -> str:
    """Return why AKS cannot bootstrap nodes from the registry, or "" (aks/network-isolated, prerequisites)."""
    if target.uses_abac:
        return "AKS starts no nodes from a registry with permissions by repository (ABAC)"
    policy = (target.properties.get("policies") or {}).get("azureADAuthenticationAsArmPolicy") or {}
    if says(policy.get("status"), "disabled"):
        return "AKS needs a registry that takes tokens of Azure Resource Manager (azureADAuthenticationAsArmPolicy)"
    rules = {rule.name.lower(): rule.properties for rule in target.children_of("cacheRules")}
    own = rules.get(CACHE_RULE, {})
    if (own.get("sourceRepository"), own.get("targetRepository")) != CACHED:
        return f"the target has no cache rule {CACHE_RULE} from {CACHED[0]} to {CACHED[1]}"
    return ""
