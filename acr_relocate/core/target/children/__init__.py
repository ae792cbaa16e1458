"""One module per kind of child resource: its rewrite for the target. KINDS lists those that are created."""

from typing import Final

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_types import PREVIEW, STABLE, TASKS
from acr_relocate.core.target.children import (
    agent_pools,
    cache_rules,
    credential_sets,
    diagnostic_settings,
    manual,
    private_endpoints,
    replications,
    scope_maps,
    tasks,
    tokens,
    webhooks,
)
from acr_relocate.core.target.children.move import Move, Moved, Rewrite

__all__ = ["KINDS", "Move", "api_version", "api_version_of", "rewrite_child"]

# In the order in which the template lists them.
REWRITES: Final[dict[str, Rewrite]] = {
    "replications": replications.rewrite_replication,
    "credentialSets": credential_sets.rewrite_credential_set,
    "cacheRules": cache_rules.rewrite_cache_rule,
    "scopeMaps": scope_maps.rewrite_scope_map,
    "tokens": tokens.rewrite_token,
    "webhooks": webhooks.rewrite_webhook,
    "agentPools": agent_pools.rewrite_agent_pool,
    "tasks": tasks.rewrite_task,
    "privateEndpoints": private_endpoints.rewrite_private_endpoint,
    "diagnosticSettings": diagnostic_settings.rewrite_diagnostic_setting,
}

# Past events and mere views: nothing to move, nothing to report.
HISTORY: Final = frozenset({"pipelineRuns", "privateLinkResources", "runs", "taskRuns"})


OTHER_API_VERSIONS: Final = {
    "agentPools": TASKS,
    "tasks": TASKS,
    "privateEndpoints": "2024-05-01",
    "diagnosticSettings": "2021-05-01-preview",
}


def rewrite_child(child: Child, move: Move) -> Moved:
    """Return a child of any kind as it will be at the target, and the notes for a person."""
    if child.kind in HISTORY:
        return None, ()
    return REWRITES.get(child.kind, manual.rewrite_manual_child)(child, move)


def api_version(child: Child) -> str:
    """Return the stable api-version, or the preview for kinds that only it has. Other providers have their own."""
    is_new = child.kind == "cacheRules" and (child.identity or "additionalAuthenticationProperties" in child.properties)
    return PREVIEW if is_new else api_version_of(child.kind)


def api_version_of(kind: str) -> str:
    """Return the api-version that reads and deletes children of this kind."""
    return OTHER_API_VERSIONS.get(kind, STABLE)
