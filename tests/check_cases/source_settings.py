"""The networks, the settings, the limits, the content and the children of the source."""

from acr_relocate.core.checks import Lock, SourceEndpoint, TargetResourceGroup, Unknown
from acr_relocate.core.registry.inventory import Child
from tests.check_cases.evidence import (
    ENDPOINT,
    GIVEN,
    GOOD_SUBNET,
    TAKEN,
    TARGET_GROUP,
    WEST,
    Case,
    encrypted,
    evidence,
    fixed,
    our_target,
    own_endpoint,
    source,
    with_subnet,
)
from tests.support.builders import child, registry, request

ANNOUNCED = "static_private_endpoint"
CLOSED = {"publicNetworkAccess": "Disabled"}
DENYING = {"networkRuleSet": {"defaultAction": "Deny"}}
SUBNETS_ALONE = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": WEST}]}
REFUSED = Unknown(reason="client with IP '203.0.113.10' is not allowed access", code="NetworkDenied")
SYSTEM = {"type": "SystemAssigned", "principalId": "c0ffee00-0000-0000-0000-000000000003"}
GIB = 2**30


def policies(**statuses: str) -> dict[str, dict[str, dict[str, str]]]:
    """Properties with these policies."""
    return {"policies": {name: {"status": status} for name, status in statuses.items()}}


def hooks(count: int) -> tuple[Child, ...]:
    """Webhooks at a replica, which have nothing to say."""
    replica = child("replications", "francecentral", "francecentral")
    return (replica, *(child("webhooks", f"hook{number:03}", "francecentral") for number in range(count)))


def scope_maps(count: int) -> tuple[Child, ...]:
    """Scope maps with one action each."""
    return tuple(
        child("scopeMaps", f"map{number:04}", actions=["repositories/a/content/read"]) for number in range(count)
    )


NETWORKS = (
    Case("a subnet that is ready", with_subnet(GOOD_SUBNET)),
    Case(
        "a subnet that is not mapped",
        source(properties={"networkRuleSet": {"virtualNetworkRules": [{"id": WEST}]}}),
        ("virtual_network_rule_without_mapping",),
    ),
    Case("a subnet that does not exist", with_subnet(None), ("subnet_missing",)),
    Case(
        "a subnet without service endpoint",
        with_subnet(GOOD_SUBNET.model_copy(update={"service_endpoints": {}})),
        ("subnet_lacks_service_endpoint",),
    ),
    Case(
        "a service endpoint still being made",
        with_subnet(GOOD_SUBNET.model_copy(update={"service_endpoints": {"Microsoft.ContainerRegistry": "Updating"}})),
        ("subnet_lacks_service_endpoint",),
    ),
    Case(
        "a subnet elsewhere",
        with_subnet(GOOD_SUBNET.model_copy(update={"location": "westeurope"})),
        ("subnet_in_another_region",),
    ),
    Case(
        "trusted services kept out of the source",
        source(properties=DENYING | {"networkRuleBypassOptions": "None"}),
        ("trusted_services_kept_out",),
    ),
    Case(
        "trusted services kept out of the target",
        evidence(target=our_target(properties=DENYING | {"networkRuleBypassOptions": "None"})),
        ("trusted_services_kept_out",),
    ),
    Case(
        "subnets let into the source",
        with_subnet(GOOD_SUBNET, source=registry(properties={"networkRuleSet": SUBNETS_ALONE})),
        ("service_endpoint_keeps_imports_out",),
    ),
    Case(
        "subnets let into the target",
        evidence(target=our_target(properties={"networkRuleSet": SUBNETS_ALONE})),
        ("service_endpoint_keeps_imports_out",),
    ),
    Case("no bypass for an open registry", source(properties={"networkRuleBypassOptions": "None"})),
    Case(
        "tasks kept out",
        source(Child(kind="tasks", name="build", identity=SYSTEM), properties=DENYING),
        ("tasks_kept_out", "task_identity_changes", "by_hand"),
    ),
    Case(
        "tasks let through",
        source(
            Child(kind="tasks", name="build", identity=SYSTEM),
            properties=DENYING | {"networkRuleBypassAllowedForTasks": True},
        ),
        ("task_identity_changes", "by_hand"),
    ),
    Case("a closed source that can be read", source(properties=CLOSED), ("target_closed_to_public",)),
    Case(
        "a closed source that cannot be read",
        evidence(source=registry(properties=CLOSED), content=REFUSED),
        ("registry_out_of_reach",),
    ),
    Case(
        "a closed target",
        evidence(target=our_target(properties=CLOSED), target_content=REFUSED),
        ("registry_out_of_reach",),
    ),
    Case("a private endpoint with fixed addresses, of which nothing is said", fixed(), ("static_address_missing",)),
    Case("addresses of the target's subnet", fixed(GIVEN), ("static_private_endpoint",)),
    Case("addresses that Azure may give out", fixed({}), ("static_private_endpoint",)),
    Case(
        "an address for one member only",
        fixed({"registry": "10.20.0.9"}),
        ("static_address_missing", "static_private_endpoint"),
    ),
    *(
        Case(f"an address that {why}", fixed(GIVEN | {member: address}), ("static_address_unusable", ANNOUNCED))
        for why, member, address in (
            ("is of another subnet", "registry", "10.21.0.9"),
            ("is the gateway's", "registry", "10.20.0.1"),
            ("is the broadcast address", "registry", "10.20.0.255"),
            ("is taken", "registry", TAKEN),
            ("is given twice", "registry", GIVEN["registry_data_northeurope"]),
            ("is of a region without a replica", "registry_data_uksouth", "10.20.0.20"),
        )
    ),
    Case(
        "a taken address that is the target's own",
        fixed(GIVEN | {"registry": TAKEN}, target=our_target(own_endpoint(TAKEN))),
        (ANNOUNCED,),
    ),
    Case(
        "addresses for an endpoint of another registry",
        evidence(request=request(static_addresses={ENDPOINT: GIVEN})),
        ("static_address_unusable",),
    ),
    Case(
        "addresses for an endpoint that the deployment does not make",
        fixed(GIVEN, subnets={}),
        ("static_address_unusable", "static_private_endpoint"),
    ),
    Case("a private endpoint", evidence(endpoints={ENDPOINT: SourceEndpoint(id=ENDPOINT)})),
    Case(
        "rules for addresses",
        source(properties={"networkRuleSet": {"ipRules": [{"value": "203.0.113.7"}]}}),
        ("address_rules_name_the_old_region",),
    ),
    Case("data endpoints", source(properties={"dataEndpointEnabled": True}), ("data_endpoint_hosts_change",)),
    Case(
        "regional endpoints", source(properties={"regionalEndpoints": "Enabled"}), ("regional_endpoint_hosts_change",)
    ),
    Case(
        "a hash in the name",
        source(properties={"autoGeneratedDomainNameLabelScope": "TenantReuse"}),
        ("login_server_has_a_hash",),
    ),
    Case(
        "a subnet for private endpoints alone, which needs no service endpoint",
        with_subnet(GOOD_SUBNET.model_copy(update={"service_endpoints": {}}), source=registry()),
    ),
)

SETTINGS = (
    Case("no exports", source(properties=policies(exportPolicy="disabled")), ("export_disabled",)),
    Case("retention", source(properties=policies(retentionPolicy="enabled")), ("retention_deferred",)),
    Case("soft delete", source(properties=policies(softDeletePolicy="enabled")), ("soft_deleted_stay_behind",)),
    Case("quarantine", source(properties=policies(quarantinePolicy="enabled")), ("quarantine_deferred",)),
    Case("content trust", source(properties=policies(trustPolicy="enabled")), ("content_trust_cannot_be_enabled",)),
    Case(
        "content trust and a key",
        encrypted(
            source=(had := encrypted().source).model_copy(
                update={"properties": had.properties | policies(trustPolicy="enabled")}
            )
        ),
        (
            "customer_managed_key_needs_decision",
            "content_trust_with_customer_managed_key",
            "content_trust_cannot_be_enabled",
        ),
    ),
    Case("anybody may pull", source(properties={"anonymousPullEnabled": True}), ("anonymous_pull",)),
    Case("an admin user", source(properties={"adminUserEnabled": True}), ("admin_passwords_change",)),
    Case("a Standard registry", source(sku="Standard"), ("not_premium",)),
    Case("a Classic registry", source(sku="Classic"), ("classic_sku", "not_premium")),
    Case(
        "a Standard registry and a subnet wanted",
        with_subnet(GOOD_SUBNET, source=registry(sku="Standard", properties={"networkRuleSet": {}})),
        ("premium_needed", "not_premium"),
    ),
    Case("an unknown property", source(properties={"newThing": 1}), ("unknown_property",)),
)

LIMITS = (
    Case(
        "more than is included",
        evidence(usage={"Size": (501 * GIB, 500 * GIB)}),
        ("storage_beyond_included",),
    ),
    Case("as much as is included", evidence(usage={"Size": (500 * GIB, 500 * GIB)})),
    Case("more than there can be", evidence(usage={"Size": (101 * 1024 * GIB, 1)}), ("storage_beyond_maximum",)),
    Case(
        "11 webhooks of a Standard registry",
        source(*(child("webhooks", f"hook{number:03}", "francecentral") for number in range(11)), sku="Standard"),
        ("children_beyond_sku", "not_premium"),
    ),
    Case(
        "10 webhooks of a Standard registry",
        source(*(child("webhooks", f"hook{number:03}", "francecentral") for number in range(10)), sku="Standard"),
        ("not_premium",),
    ),
    Case(
        "201 address rules",
        source(properties={"networkRuleSet": {"ipRules": [{"value": f"10.0.0.{n}"} for n in range(201)]}}),
        ("network_rules_beyond_limit", "address_rules_name_the_old_region"),
    ),
    Case(
        "a scope map of 501 actions",
        source(child("scopeMaps", "large", actions=[f"repositories/r{n}/content/read" for n in range(501)])),
        ("scope_map_beyond_limit",),
    ),
    Case(
        "a scope map of 500 actions",
        source(child("scopeMaps", "large", actions=[f"repositories/r{n}/content/read" for n in range(500)])),
    ),
    Case("128 webhooks", source(*hooks(128)), ("template_beyond_limit", "old_home_has_no_replica")),
    Case("127 webhooks", source(*hooks(127)), ("old_home_has_no_replica",)),
    Case("800 scope maps", source(*scope_maps(800)), ("template_beyond_limit",)),
    Case("799 scope maps", source(*scope_maps(799))),
    Case(
        "a full history that cannot be pruned",
        evidence(
            group=TargetResourceGroup(id=TARGET_GROUP, location="northeurope", deployments=795),
            locks=(Lock(scope=TARGET_GROUP, name="keep", level="CanNotDelete"),),
        ),
        ("delete_lock_on_target", "deployment_history_nearly_full"),
    ),
    Case(
        "a full history", evidence(group=TargetResourceGroup(id=TARGET_GROUP, location="northeurope", deployments=795))
    ),
    Case(
        "51 connected registries",
        source(*(child("connectedRegistries", f"edge{number}") for number in range(51))),
        ("by_hand_beyond_limit", *["by_hand"] * 51),
    ),
    Case(
        "49 resource tags",
        source(tags={f"tag{number}": "x" for number in range(49)}),
        ("resource_tags_beyond_limit",),
    ),
    Case("48 resource tags", source(tags={f"tag{number}": "x" for number in range(48)})),
)


RULES = {"networkRuleSet": {"defaultAction": "Allow", "ipRules": [{"value": f"10.0.0.{one}"} for one in range(201)]}}
CASES = (
    Case(
        "continuous patching",
        source(child("tasks", "cssc-scan-image", step={"type": "EncodedTask"})),
        ("continuous_patching",),
    ),
    Case(
        "a cache rule with an identity",
        source(child("cacheRules", "hub").model_copy(update={"identity": {"type": "UserAssigned"}})),
        ("cache_rule_signs_in_as_itself",),
    ),
    Case(
        "a cache rule with a federated credential",
        source(child("cacheRules", "gar", additionalAuthenticationProperties={"authenticationType": "Federated"})),
        ("cache_rule_signs_in_as_itself",),
    ),
    Case("IPv6", source(properties={"endpointProtocol": "IPv4AndIPv6"}), ("dual_stack_endpoints",)),
    Case("IPv4", source(properties={"endpointProtocol": "IPv4"})),
    Case(
        "as many rules for addresses as this registry may have",
        evidence(source=registry(properties=RULES), usage={"Size": (1, 2), "IPRules": (201, 400)}),
        ("address_rules_name_the_old_region",),
    ),
    Case(
        "more rules for addresses than this registry may have",
        evidence(source=registry(properties=RULES), usage={"Size": (1, 2), "IPRules": (201, 100)}),
        ("address_rules_name_the_old_region", "network_rules_beyond_limit"),
    ),
    Case(
        "as many connected registries as there are, and rules without a limit",
        evidence(source=registry(properties=RULES), usage={"IPRules": (201, -1)}),
        ("address_rules_name_the_old_region",),
    ),
    *NETWORKS,
    *SETTINGS,
    *LIMITS,
)
