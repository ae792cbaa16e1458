"""The default of each decision: an open decision never stops a run, so each has a default that the plan shows."""

from __future__ import annotations

from typing import Final

from acr_relocate.core.findings import Finding

GRANT: Final = "it is left out, and the report names it"

DECISION_DEFAULTS: Final = {
    "agent_pool_in_old_network": "the agent pool is left out",
    "cache_rule_collides": "the images are imported; Azure may refuse the cache rule",
    "customer_managed_key_needs_decision": "the target is encrypted with the source's key",
    "cut_over_not_allowed": "the cut-over skips it, and the report names it",
    "diagnostic_sink_in_another_region": "the setting does not send there",
    "diagnostic_sink_of_old_region": "the setting does not send there",
    "diagnostics_cannot_be_set": GRANT,
    "index_cannot_be_pushed": "the index is not copied, and the run ends as not relocated",
    "key_access_cannot_be_granted": "access to the key is not granted",
    "key_identity_without_mapping": "the key is read by the identity that reads it now",
    "policy_not_deferred": "the policy is set at once",
    "private_endpoint_without_subnet": "the private endpoint is left out",
    "private_endpoints_cannot_be_made": GRANT,
    "quarantined": "the image is not copied, and the run ends as not relocated",
    "read_locked": "the image is not copied, and the run ends as not relocated",
    "region_lacks_feature": "it is left out",
    "rename_changes_access": "the scope map covers them",
    "renamed_in_parts": "it is left out",
    "roles_cannot_be_assigned": GRANT,
    "roles_reach_all_sources": "the roles are given",
    "settings_clash": "the first source's value holds",
    "small_artifacts_cannot_be_pushed": "they are imported",
    "source_cannot_be_deleted": "the source is kept",
    "stays_in_old_region": "the target uses it too",
    "tag_conflict": "the tag of the target stays, and the run ends as not relocated",
    "tags_cannot_be_pruned": "the tags stay at the target",
    "target_closed_to_public": "the target has no private endpoint yet",
    "target_is_not_ours_alone": "they are pushed, each tag only where a look just before finds none",
    "task_names_source": "the task still names the source",
    "template_refers_to_source": "the target still names the source",
    "token_passwords_cannot_be_generated": "no passwords are generated",
    "virtual_network_rule_without_mapping": "the network rule is left out",
}
"""The code of each decision, and its default."""


def decision_default(finding: Finding) -> str:
    """Return the default of a decision."""
    return DECISION_DEFAULTS.get(finding.code, "the run continues without it")
