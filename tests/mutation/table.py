"""The table of the article, row by row: what does the step, and which test fails without it."""

from typing import Final, NamedTuple

ARTICLE: Final = "tests/service/test_article.py::"
FAULTS: Final = "tests/contract/test_planted_faults.py::test_planted_fault_is_found_once"
DIFFERENCES: Final = "tests/contract/test_planted_differences.py::test_a_planted_difference_is_found"
CHECKS: Final = "acr_relocate.core.checks"
CHILDREN: Final = "acr_relocate.core.target.children"
CUT_OVER: Final = "acr_relocate.core.cut_over"
VERIFICATION: Final = "acr_relocate.core.verification"
NOTHING: Final = "()"
STAYS: Final = "(None, ())"
"""The answer of `rewrite` for a kind of children that is not made again."""


class Step(NamedTuple):
    """Code of a step as `module:function`, and its test. `instead`: what the function returns once it is taken out."""

    code: str
    test: str
    instead: str = "None"


ROWS: Final[dict[str, tuple[Step, ...]]] = {
    "Same tenant; availability zones; premium": (
        Step(f"{CHECKS}.target:another_tenant", f"{FAULTS}[another_tenant]", NOTHING),
        Step(f"{CHECKS}.target:region_lacks_zones", f"{FAULTS}[region_lacks_zones]", NOTHING),
        Step(f"{CHECKS}.settings:premium_needed", f"{FAULTS}[premium_needed]", NOTHING),
    ),
    'Service endpoints: VNet and subnet exist, the endpoint is there ("ignoreMissingVnetServiceEndpoint")': (
        Step(f"{CHECKS}.network:subnet_missing", f"{FAULTS}[subnet_missing]", NOTHING),
        Step(f"{CHECKS}.network:subnet_lacks_service_endpoint", f"{FAULTS}[subnet_lacks_service_endpoint]", NOTHING),
        Step(
            "acr_relocate.core.target.design:_map_subnets",
            f"{ARTICLE}TestPrepare::test_service_endpoint_of_the_target_subnet",
            "([], [])",
        ),
        Step(
            "acr_relocate.core.network.prerequisites:_rules",
            f"{ARTICLE}TestPrepare::test_service_endpoint_of_the_target_subnet",
            NOTHING,
        ),
    ),
    "Private endpoints, DNS, data-endpoint records of replicas": (
        Step(
            f"{CHILDREN}.private_endpoints:rewrite_private_endpoint",
            f"{ARTICLE}TestRedeploy::test_private_endpoint_and_dns",
            STAYS,
        ),
        Step(f"{CUT_OVER}.dns:dns_actions", f"{ARTICLE}TestRedeploy::test_private_endpoint_and_dns", NOTHING),
        Step(
            f"{CUT_OVER}.dns:dns_actions",
            "tests/service/test_cut_over.py::test_everything_that_depends_on_the_registry_may_use_the_target",
            NOTHING,
        ),
        Step(f"{VERIFICATION}.network:_records", f"{DIFFERENCES}[an A record has another address]", NOTHING),
    ),
    "Trusted services; private registries that cannot be listed from here": (
        Step(f"{CHECKS}.network:trusted_services_kept_out", f"{FAULTS}[trusted_services_kept_out]", NOTHING),
        Step(f"{CHECKS}.listing:registry_out_of_reach", f"{FAULTS}[registry_out_of_reach]", NOTHING),
    ),
    "Downtime": (Step("acr_relocate.core.plan.estimate:methods", f"{ARTICLE}TestPrepare::test_downtime", NOTHING),),
    "1. Dependency map": (
        Step(
            "acr_relocate.core.dependencies.build_map:build_map",
            f"{ARTICLE}TestPrepare::test_dependency_map",
            "DependencyMap()",
        ),
        Step("tasks.dependencies:read_surroundings", f"{ARTICLE}TestPrepare::test_dependency_map", "Surroundings()"),
        Step(
            "acr_relocate.core.dependencies.workloads:_running",
            "tests/unit/dependencies/test_dependencies.py::test_what_a_cluster_runs_is_on_the_map",
            "''",
        ),
    ),
    "2. Source networking layout": (
        Step(
            "acr_relocate.core.network.prerequisites:build_network_layout",
            f"{ARTICLE}TestPrepare::test_source_network_layout",
        ),
        Step(
            "acr_relocate.azure.resources.registries:_preview",
            f"{ARTICLE}TestPrepare::test_source_network_layout",
            "{}",
        ),
    ),
    "3. Retrieve images": (
        Step(
            "tasks.inventory:look_at_content",
            f"{ARTICLE}TestPrepare::test_images_are_retrieved_from_inside_the_network",
            "Content(login_server=login_server)",
        ),
    ),
    "4. ACR Tasks": (
        Step(f"{CHILDREN}.tasks:rewrite_task", f"{ARTICLE}TestPrepare::test_tasks", STAYS),
        Step(f"{CUT_OVER}.deferred:deferred_policy_actions", f"{ARTICLE}TestPrepare::test_tasks", NOTHING),
    ),
    "Export template": (
        Step("tasks.deployment:export_template", f"{ARTICLE}TestPrepare::test_template", "Export(template={})"),
        Step(
            "acr_relocate.core.target.exported_template:missing_children",
            "tests/unit/target/test_exported_parts.py::test_child_that_only_the_export_knows_is_added",
            NOTHING,
        ),
    ),
    "Modify template": (
        Step(
            "acr_relocate.core.target.template_diff:template_difference", f"{ARTICLE}TestPrepare::test_template", "''"
        ),
        Step("acr_relocate.core.target.design:_hold_back", f"{ARTICLE}TestPrepare::test_template", "(policies, {})"),
        Step(
            "acr_relocate.core.target.design:_hold_back_tasks", f"{ARTICLE}TestPrepare::test_template", "(children, {})"
        ),
        Step(f"{CHILDREN}.webhooks:rewrite_webhook", f"{ARTICLE}TestPrepare::test_template", STAYS),
        Step(
            f"{CHILDREN}.replications:rewrite_replication",
            f"{ARTICLE}TestRedeploy::test_resource_group_and_settings",
            STAYS,
        ),
        Step(
            f"{CHILDREN}.scope_maps:rewrite_scope_map",
            f"{ARTICLE}TestRedeploy::test_resource_group_and_settings",
            STAYS,
        ),
    ),
    "Customer-managed key": (
        Step(
            "acr_relocate.core.target.external_references:id_mapping",
            f"{ARTICLE}TestPrepare::test_customer_managed_key",
            "{}",
        ),
        Step(f"{CHECKS}.keys:key_grant_missing", f"{FAULTS}[key_grant_missing]", NOTHING),
    ),
    "Create resource group": (
        Step(
            "tasks.deployment:ensure_resource_group",
            f"{ARTICLE}TestRedeploy::test_resource_group_and_settings",
            "Outcome(kind='created', subject='')",
        ),
    ),
    "Redeploy": (
        Step(
            "tasks.deployment:validate_template",
            "tests/service/test_faults.py::test_what_azure_would_refuse_by_then_is_not_deployed",
        ),
        Step(
            "tasks.deployment:deploy_template",
            f"{ARTICLE}TestRedeploy::test_resource_group_and_settings",
            "DeployOutcome(kind='created', name='', registry_id='', seconds=0)",
        ),
    ),
    "Import content": (
        Step(
            "tasks.images:import_artifact",
            f"{ARTICLE}TestRedeploy::test_content",
            "ImportOutcome(item=item, kind='created', attempts=1)",
        ),
    ),
    "(Locks of repositories, tags and manifests)": (
        Step("tasks.images:set_attributes", f"{ARTICLE}TestRedeploy::test_locks_of_content"),
        Step("flows.import_images:replay_locks", f"{ARTICLE}TestRedeploy::test_locks_of_content"),
    ),
    "Diagnostic settings": (
        Step(
            f"{CHILDREN}.diagnostic_settings:rewrite_diagnostic_setting",
            f"{ARTICLE}TestRedeploy::test_diagnostic_settings",
            STAYS,
        ),
    ),
    "Associate dependents: roles, identities, AKS attach, alert rules": (
        Step(f"{CUT_OVER}.roles:role_actions", f"{ARTICLE}TestRedeploy::test_cluster", NOTHING),
        Step(f"{CUT_OVER}.roles:translated", f"{ARTICLE}TestRedeploy::test_cluster", "(role,)"),
        Step(f"{CUT_OVER}.pull_tests:pull_test_actions", f"{ARTICLE}TestRedeploy::test_cluster", NOTHING),
        Step("flows.cut_over:carry_out_all", f"{ARTICLE}TestRedeploy::test_cluster"),
        Step(
            f"{CUT_OVER}.alerts:alert_actions",
            "tests/unit/cut_over/test_alerts.py::test_the_rule_beside_it_is_for_the_target_alone",
            NOTHING,
        ),
    ),
    "Token passwords, client firewalls": (
        Step(f"{CUT_OVER}.tokens:token_actions", f"{ARTICLE}TestRedeploy::test_token_passwords", NOTHING),
        Step(
            "acr_relocate.core.network.firewall_rules:_openings",
            "tests/unit/network/test_firewall_rules.py::test_private_addresses_are_those_of_the_interfaces",
            NOTHING,
        ),
    ),
    "Kubernetes manifests, development and deployment systems": (
        Step(
            "acr_relocate.core.dependencies.workloads:to_rename",
            f"{ARTICLE}TestRedeploy::test_manifests_deployment_systems_and_firewalls",
            "''",
        ),
        Step(
            "acr_relocate.references.scanning:rewrite_text",
            "tests/unit/references/test_command.py::test_examples_with_all_details_leave_only_what_people_must_decide",
            "text",
        ),
    ),
    "Verify": (
        Step(
            "acr_relocate.core.verification.settings:compare_settings",
            f"{ARTICLE}TestVerify::test_a_difference_is_found",
            NOTHING,
        ),
        Step(f"{VERIFICATION}.content:compare", f"{DIFFERENCES}[a tag is moved]", NOTHING),
        Step(f"{VERIFICATION}.blobs:compare_blobs", f"{DIFFERENCES}[a blob is damaged]", NOTHING),
        Step(
            f"{VERIFICATION}.network:compare_network", f"{DIFFERENCES}[its private endpoint is not approved]", NOTHING
        ),
        Step(f"{VERIFICATION}.dependents:compare_dependents", f"{DIFFERENCES}[a lock is missing]", NOTHING),
        Step(
            f"{VERIFICATION}.source_references:find_mentions", f"{DIFFERENCES}[a cache rule caches the source]", NOTHING
        ),
        Step("flows.cut_over:set_deferred", f"{ARTICLE}TestVerify::test_everything_is_compared"),
    ),
    "Delete original registry": (
        Step(
            "tasks.source_deletion:delete_registry",
            "tests/service/test_delete_source.py::test_it_deletes_that_registry_and_nothing_else",
        ),
        Step(
            "acr_relocate.core.removal.source_blockers:deletion_blockers",
            "tests/service/test_delete_source.py::TestNoOtherPath::test_a_verification_that_was_clean_once",
            NOTHING,
        ),
        Step(
            "acr_relocate.core.removal.source_detachments:releases",
            "tests/service/test_delete_source.py::test_it_deletes_that_registry_and_nothing_else",
            "Taken(registry_id='', releases=())",
        ),
    ),
}
