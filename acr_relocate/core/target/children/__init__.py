"""One module per kind of child resource: what becomes of it in a move. KINDS is the list of those that are created."""

from typing import Final

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_types import PREVIEW, STABLE, TASKS
from acr_relocate.core.target.children import (
    agent_pools,
    by_hand,
    cache_rules,
    credential_sets,
    diagnostic_settings,
    private_endpoints,
    replications,
    scope_maps,
    tasks,
    tokens,
    webhooks,
)
from acr_relocate.core.target.children.move import Move, Moved, Rewrite

__all__ = ["KINDS", "Move", "api_version", "rewrite_child"]

# In the order in which the template lists them.
KINDS: Final[dict[str, Rewrite]] = {
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

# What happened once, or is only a view: nothing to move and nothing to say.
HISTORY: Final = frozenset({"pipelineRuns", "privateLinkResources", "runs", "taskRuns"})


OTHER_API_VERSIONS: Final = {
    "agentPools": TASKS,
    "tasks": TASKS,
    "privateEndpoints": "2024-05-01",
    "diagnosticSettings": "2021-05-01-preview",
}


def rewrite_child(child: Child, move: Move) -> Moved:
    """Return what becomes of a child of any kind, and what a person should know about it."""
    if child.kind in HISTORY:
        return None, ()
    return KINDS.get(child.kind, by_hand.rewrite_manual_child)(child, move)


def api_version(child: Child) -> str:
    """Return the stable api-version, or the preview for what only that one has. Other providers have their own."""
    if child.kind in OTHER_API_VERSIONS:
        return OTHER_API_VERSIONS[child.kind]
    is_new = child.kind == "cacheRules" and (child.identity or "additionalAuthenticationProperties" in child.properties)
    return PREVIEW if is_new else STABLE
