"""The chain of checks before anything is changed. Its headings state the assumptions of a relocation."""

from collections.abc import Callable, Iterable
from typing import Final

from acr_relocate.core.checks import (
    access,
    addresses,
    attached_resources,
    children,
    consolidation,
    content,
    deployment,
    kept_name,
    keys,
    limits,
    listing,
    locks,
    network,
    pushing,
    scanners,
    settings,
    source_replica,
    target,
    unreadable,
)
from acr_relocate.core.checks.check import Check
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.findings import SEVERITIES, Finding

Rule = Callable[[Evidence], Iterable[Finding]]

# Paragraphs: an assumption, and the checks that find its violations, in a natural order.
PARAGRAPHS: Final[tuple[tuple[str, tuple[Rule, ...]], ...]] = (
    (
        "The target is ours to create, or was created by this very relocation, in a subscription of the same tenant.",
        (
            target.target_holds_another_relocation,
            target.target_not_handed_over,
            target.name_taken,
            target.another_cloud,
            target.another_tenant,
            target.subscription_missing,
            target.subscription_not_enabled,
            target.target_group_being_deleted,
            target.target_group_in_another_region,
            target.source_is_a_target,
            target.registry_is_changing,
        ),
    ),
    (
        "Several sources of one target keep apart: each is below its prefix, and their clashes are decided.",
        (
            consolidation.settings_clash,
            consolidation.access_settings_clash,
            consolidation.earlier_source_not_moved,
            consolidation.other_source_unread,
            consolidation.prefix_taken,
            consolidation.roles_reach_all_sources,
        ),
    ),
    (
        "Its region is another one and can be what the source's is.",
        (
            target.region_lacks_registries,
            target.region_lacks_zones,
            target.region_lacks_feature,
            target.free_credit_pauses_tasks,
            target.same_region,
        ),
    ),
    (
        "If the name is kept, it can be taken again in the other region, with the same host.",
        (
            kept_name.kept_name_is_there,
            kept_name.host_cannot_be_kept,
        ),
    ),
    (
        "The identity has the rights for every step, on both sides.",
        (
            access.provider_not_registered,
            locks.read_only_lock,
            access.source_cannot_be_pulled,
            access.catalogue_cannot_be_listed,
            access.reads_not_allowed,
            access.webhook_addresses_cannot_be_read,
            access.target_group_cannot_be_created,
            access.target_cannot_be_deployed,
            access.subnet_cannot_be_joined,
            access.identity_cannot_be_assigned,
            access.images_cannot_be_imported,
            access.locks_cannot_be_replayed,
            access.index_cannot_be_pushed,
            pushing.small_artifacts_cannot_be_pushed,
            access.key_access_cannot_be_granted,
            access.token_passwords_cannot_be_generated,
            access.roles_cannot_be_assigned,
            access.diagnostics_cannot_be_set,
            access.private_endpoints_cannot_be_made,
            access.tags_cannot_be_pruned,
            access.source_cannot_be_deleted,
            locks.delete_lock_on_source,
            locks.delete_lock_on_target,
        ),
    ),
    (
        "The networks around the source have their counterparts at the target, and Azure lets imports through.",
        (
            network.virtual_network_rule_without_mapping,
            network.subnet_missing,
            network.subnet_lacks_service_endpoint,
            network.subnet_in_another_region,
            network.trusted_services_kept_out,
            network.service_endpoint_keeps_imports_out,
            network.tasks_kept_out,
            network.target_closed_to_public,
            addresses.static_address_missing,
            addresses.static_address_unusable,
            addresses.static_private_endpoint,
            network.address_rules_name_the_old_region,
            network.data_endpoint_hosts_change,
            network.regional_endpoint_hosts_change,
            network.dual_stack_endpoints,
            network.login_server_has_a_hash,
        ),
    ),
    (
        "The registry's identities exist, and the key that encrypts it can be used for another registry.",
        (
            keys.customer_managed_key_needs_decision,
            keys.user_assigned_identity_missing,
            keys.key_identity_not_user_assigned,
            keys.key_vault_missing,
            keys.key_vault_lacks_purge_protection,
            keys.key_vault_keeps_trusted_services_out,
            keys.key_unusable,
            keys.key_grant_missing,
            keys.key_version_is_pinned,
            keys.key_vault_in_another_region,
            keys.identity_in_another_region,
            keys.system_identity_changes,
        ),
    ),
    (
        "The source's settings allow imports, and the target's SKU supports these settings.",
        (
            settings.export_disabled,
            settings.classic_sku,
            settings.premium_needed,
            settings.not_premium,
            settings.abac_mode,
            settings.content_trust_with_customer_managed_key,
            settings.content_trust_cannot_be_enabled,
            settings.admin_passwords_change,
            settings.anonymous_pull,
            settings.soft_deleted_stay_behind,
            settings.retention_deferred,
            settings.quarantine_deferred,
        ),
    ),
    (
        "Nothing exceeds Azure's limits.",
        (
            limits.storage_beyond_maximum,
            limits.storage_beyond_included,
            limits.children_beyond_sku,
            limits.by_hand_beyond_limit,
            limits.network_rules_beyond_limit,
            limits.scope_map_beyond_limit,
            limits.template_beyond_limit,
            limits.deployment_history_nearly_full,
            limits.resource_tags_beyond_limit,
        ),
    ),
    (
        "All content is known, and can be imported.",
        (
            locks.source_is_frozen,
            locks.target_is_frozen,
            locks.deletion_not_undone,
            locks.replica_not_removed,
            locks.source_looks_frozen,
            listing.registry_out_of_reach,
            listing.listing_incomplete,
            listing.repository_hidden,
            listing.selection_matches_nothing,
            listing.selection_is_empty,
            listing.repositories_collide,
            listing.rename_matches_nothing,
            listing.pulls_unknown,
            content.index_beyond_import_limit,
            content.index_misses_manifests,
            content.tag_without_manifest,
            content.count_drifts,
            content.build_cache_left_out,
            content.schema1_manifest,
            content.media_type_not_importable,
            content.foreign_layers,
            content.quarantined,
            content.read_locked,
            content.tag_conflict,
            pushing.target_is_not_ours_alone,
            pushing.small_artifacts_are_imported,
            content.large_image,
            content.referrer_without_subject,
            scanners.defender_writes,
            scanners.artifact_streaming,
        ),
    ),
    (
        "Children and attached resources move, or are left to a named manual step.",
        (
            children.cache_rule_collides,
            children.renamed_in_parts,
            children.rename_changes_access,
            children.cache_rule_signs_in_as_itself,
            children.continuous_patching,
            children.token_needs_new_credentials,
            children.credential_set_needs_secret_access,
            children.task_identity_changes,
            children.task_purges,
            children.agent_pool_in_old_network,
            children.webhook_calls_from_new_region,
            children.replication_becomes_home,
            children.old_home_has_no_replica,
            source_replica.replica_cannot_be_made,
            source_replica.replica_needs_addresses,
            children.by_hand,
            settings.stays_behind,
            attached_resources.diagnostic_sink_in_another_region,
            attached_resources.diagnostic_sink_missing,
            attached_resources.event_subscription_lost,
        ),
    ),
    (
        "Azure's validation accepts the template. Unreadable facts are reported.",
        (
            deployment.policy_denies,
            deployment.template_refused,
            deployment.template_not_validated,
            deployment.deployment_touches_others,
            unreadable.could_not_be_read,
        ),
    ),
)

PREFLIGHT: Final[tuple[Rule, ...]] = tuple(rule for _, rules in PARAGRAPHS for rule in rules)
RIGHTS: Final[tuple[Rule, ...]] = tuple(
    rule for rule in PARAGRAPHS[2][1] if isinstance(rule, Check) and rule.severity == "blocker"
)
"""Checks of the permissions of the running identity, to run them alone."""


def evaluate(chain: Iterable[Rule], evidence: Evidence) -> tuple[Finding, ...]:
    """Return all findings of all checks, each once, the gravest first, otherwise in the chain's order."""
    found = dict.fromkeys(finding for check in chain for finding in check(evidence))
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
