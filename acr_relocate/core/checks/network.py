"""Checks of the networks: the registry's network rules, and whether imports and rules will work at the target."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.design_findings import announced
from acr_relocate.core.evidence.azure_facts import Subnet
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.managed_identities import has_system_identity
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.children.replications import is_home_replication
from acr_relocate.core.target.design import subnet_ids

SERVICE_ENDPOINT: Final = "Microsoft.ContainerRegistry"


@check("decision")
def virtual_network_rule_without_mapping(evidence: Evidence) -> Iterator[Violation]:
    """A subnet may reach the source, and the request does not map it to one of the target's region.

    Source: F18, F34; every stable api-version since 2019-05-01 drops such rules silently.
    """
    yield from announced(evidence, "virtual_network_rule_without_mapping")


@check("blocker")
def subnet_missing(evidence: Evidence) -> Iterator[Violation]:
    """A subnet of the request does not exist. Virtual network and subnet are created before the registry.

    Source: the article's prerequisites.
    """
    for subnet_id, subnet in evidence.subnets.items():
        if subnet is None:
            _, _, subscription, _, group, *_, network, _, name = subnet_id.split("/")
            yield Violation(
                f"Subnet {ResourceId(subnet_id).subnet_name} does not exist.",
                f"az network vnet subnet create --subscription {subscription} --resource-group {group} --vnet-name "
                f"{network} --name {name} --address-prefixes PREFIX --service-endpoints {SERVICE_ENDPOINT}",
                subnet_id,
            )


@check("blocker")
def subnet_lacks_service_endpoint(evidence: Evidence) -> Iterator[Violation]:
    """A subnet for a network rule of the target has no working service endpoint.

    The article wants this guarantee from `ignoreMissingVnetServiceEndpoint`, which no registry api-version has. Private
    endpoints and agent pools do not need it.
    Source: missing in every type definition of Microsoft.ContainerRegistry; D/container-registry-vnet.md.
    """
    for subnet in _for_rules(evidence):
        state = subnet.service_endpoints.get(SERVICE_ENDPOINT, "missing") if isinstance(subnet, Subnet) else "Succeeded"
        if not says(state, "Succeeded") and isinstance(subnet, Subnet):
            others = [service for service in subnet.service_endpoints if service != SERVICE_ENDPOINT]
            yield Violation(
                f"The service endpoint {SERVICE_ENDPOINT} of {ResourceId(subnet.id).subnet_name} is {state}.",
                f"az network vnet subnet update --ids {subnet.id} --service-endpoints "
                f"{' '.join([*others, SERVICE_ENDPOINT])}",
                subnet.id,
            )


def _for_rules(evidence: Evidence) -> list[Subnet | Unknown | None]:
    """Return the subnets of the request that replace those of the source's network rules."""
    mapped = {here.lower(): there for here, there in evidence.request.subnets.items()}
    named = dict.fromkeys(mapped.get(subnet.lower(), subnet) for subnet in subnet_ids(evidence.source))
    return [evidence.subnets.get(subnet) for subnet in named]


@check("warning")
def subnet_in_another_region(evidence: Evidence) -> Iterator[Violation]:
    """A subnet of the request is not in the target's region.

    Source: the article; a service endpoint works for a subnet of its own region.
    """
    location = evidence.request.target.location
    for subnet in evidence.subnets.values():
        if isinstance(subnet, Subnet) and normalise_location(subnet.location) not in {"", location}:
            yield Violation(
                f"Subnet {ResourceId(subnet.id).subnet_name} is in {subnet.location}, the target in {location}.",
                f"Map the rule to a subnet in {location}, in the request's field subnets.",
                subnet.id,
            )


@check("blocker")
def trusted_services_kept_out(evidence: Evidence) -> Iterator[Violation]:
    """A registry restricts its network and blocks trusted services: importImage is one, and would fail.

    Source: F9; D/allow-access-trusted-services.md.
    """
    for registry in (evidence.source, evidence.target):
        if not isinstance(registry, Registry):
            continue
        bypass = registry.properties.get("networkRuleBypassOptions", "AzureServices")
        if is_restricted(registry) and bypass != "AzureServices":
            yield Violation(
                f"{registry.name} restricts its network and does not allow trusted services, so it refuses imports.",
                f"az acr update --name {registry.name} --allow-trusted-services true",
                registry.id,
            )


@check("warning")
def service_endpoint_keeps_imports_out(evidence: Evidence) -> Iterator[Violation]:
    """A registry that restricts its network allows subnets by service endpoints: it may refuse imports.

    `networkRuleBypassOptions` is documented for private endpoints and address rules alone; reports of imports
    there differ. At the target the cut-over sets such rules, after the imports: one of ours is no news then.
    Source: D/allow-access-trusted-services.md.
    """
    for registry in (evidence.source, evidence.target):
        if isinstance(registry, Registry) and is_restricted(registry) and subnet_ids(registry):
            yield Violation(
                f"{registry.name} allows subnets by service endpoints: imports may be refused there. Until the "
                "cut-over only address rules and private endpoints lead to the target.",
                _way_past(registry, is_source=registry.id == evidence.source.id),
                registry.id,
            )
            return


def _way_past(registry: Registry, *, is_source: bool) -> str:
    """Return what to do if imports are refused: an endpoint at the source; at the target, rules off for a while."""
    if is_source:
        return (
            "# If imports are refused, for as long as the relocation takes:\n"
            "az network private-endpoint create --group-id registry --private-connection-resource-id "
            f"{registry.id} --subnet SUBNET-ID --connection-name acr --name NAME --resource-group GROUP"
        )
    off = [f"az acr network-rule remove --name {registry.name} --subnet {one}" for one in subnet_ids(registry)]
    return "\n".join(["# If imports are refused, then cut over again, which sets the rules:", *off])


@check("warning")
def tasks_kept_out(evidence: Evidence) -> Iterator[Violation]:
    """The source restricts its network and has tasks that sign in as themselves, but lets no tasks through.

    Source: F47; since 2025-06-01 such tasks get a 403 (D/manage-network-bypass-policy-for-tasks.md).
    """
    source = evidence.source
    tasks = [task.name for task in source.children_of("tasks") if has_system_identity(task.identity)]
    if tasks and is_restricted(source) and not source.properties.get("networkRuleBypassAllowedForTasks"):
        yield Violation(
            f"The network rules, at the target too, keep these tasks out: {', '.join(tasks)}.",
            f"az resource update --ids {source.id} --set properties.networkRuleBypassAllowedForTasks=true",
            source.id,
        )


@check("decision")
def target_closed_to_public(evidence: Evidence) -> Iterator[Violation]:
    """Public access to the source is off, so the target will be closed too, and it has no private endpoint yet.

    Reported if the content can be read from here, through a private endpoint of the source.
    Source: F28; D/container-registry-private-endpoints.md.
    """
    closed = says(evidence.source.properties.get("publicNetworkAccess"), "Disabled")
    if closed and evidence.target is None and isinstance(evidence.content, Content):
        target = evidence.request.target_id
        yield Violation(
            "The target will be closed to the public and has no private endpoint yet: imports into it work, "
            "but it can be neither verified nor used before it has one.",
            "az network private-endpoint create --group-id registry --private-connection-resource-id "
            f"{target} --subnet SUBNET-ID --connection-name acr --name NAME --resource-group GROUP",
            target,
        )


@check("note")
def address_rules_name_the_old_region(evidence: Evidence) -> Iterator[Violation]:
    """The source allows public IP addresses. Clients that move to the new region get other addresses.

    Source: D/container-registry-access-selected-networks.md; the rules are carried as they are.
    """
    rules = [
        rule.get("value") for rule in (evidence.source.properties.get("networkRuleSet") or {}).get("ipRules") or ()
    ]
    if rules:
        yield Violation(
            f"The target allows the same IP ranges as the source: {', '.join(map(str, rules))}.",
            "For clients that move, once the target exists: az acr network-rule add --name "
            f"{evidence.request.target.name} --ip-address ADDRESS",
            evidence.source.id,
        )


@check("warning")
def data_endpoint_hosts_change(evidence: Evidence) -> Iterator[Violation]:
    """The source has dedicated data endpoints: clients behind a firewall need the target's hosts allowed.

    Source: F60; D/container-registry-dedicated-data-endpoints.md. The host names hold the region.
    """
    source, target = evidence.source, evidence.request.target
    if source.properties.get("dataEndpointEnabled"):
        regions = [target.location, *(_other_regions(source, target.location))]
        cloud = source.login_server.partition(".")[2]
        yield Violation(
            f"Layers will come from {', '.join(f'{target.name}.{region}.data.{cloud}' for region in regions)}.",
            f"Allow these hosts where the source's are allowed: az acr show-endpoints --name {source.name}",
            source.id,
        )


@check("warning")
def regional_endpoint_hosts_change(evidence: Evidence) -> Iterator[Violation]:
    """The source has regional endpoints, whose host names hold its name and region.

    Source: F61; D/container-registry-geo-replication.md.
    """
    if says(evidence.source.properties.get("regionalEndpoints"), "Enabled"):
        source, target = evidence.source, evidence.request.target
        cloud = source.login_server.partition(".")[2]
        yield Violation(
            f"The regional endpoint of the target will be {target.name}.{target.location}.geo.{cloud}.",
            f"acr-relocate references scan PATH --from {source.name}.{source.location}.geo.{cloud}",
            evidence.source.id,
        )


@check("warning")
def dual_stack_endpoints(evidence: Evidence) -> Iterator[Violation]:
    """The source answers over IPv6 as well, and so will the target: without tasks, and over IPv4 in private networks.

    Source: D/container-registry-ipv6-dual-stack.md: Premium with dedicated data endpoints alone, no ACR Tasks.
    """
    source, name = evidence.source, evidence.request.target.name
    if says(source.properties.get("endpointProtocol"), "IPv4AndIPv6"):
        tasks = ", ".join(task.name for task in source.children_of("tasks"))
        runs_none = f" No task runs there: {tasks}." if tasks else ""
        yield Violation(
            f"The target will answer over IPv6 as well, which firewalls have to allow for its hosts.{runs_none}",
            f"To see them: `az acr show-endpoints --name {name}`. To have IPv4 alone: az resource update --ids "
            f"{evidence.request.target_id} --set properties.endpointProtocol=IPv4",
            source.id,
        )


@check("warning")
def login_server_has_a_hash(evidence: Evidence) -> Iterator[Violation]:
    """The source's host name has a hash of its scope, and so will the target's: it cannot be known beforehand.

    Source: F23; D/container-registry-get-started-azure-cli.md.
    """
    scope = str(evidence.source.properties.get("autoGeneratedDomainNameLabelScope") or "Unsecure")
    if scope.lower() != "unsecure":
        name = evidence.request.target.name
        yield Violation(
            f"{evidence.source.login_server} has a domain name label ({scope}); the target's will be another one.",
            f"Rewrite references only after the deployment: az acr show --name {name} --query loginServer",
            evidence.source.id,
        )


def is_restricted(registry: Registry) -> bool:
    """Return whether a registry restricts its network."""
    rules = registry.properties.get("networkRuleSet") or {}
    return (
        says(registry.properties.get("publicNetworkAccess"), "Disabled")
        or says(rules.get("defaultAction"), "Deny")
        or bool(registry.children_of("privateEndpointConnections"))
        or bool(registry.properties.get("privateEndpointConnections"))
    )


def _other_regions(source: Registry, location: str) -> list[str]:
    """Return the regions of the target's replicas."""
    replicas = (child for child in source.children_of("replications") if not is_home_replication(child, source))
    return [region for child in replicas if (region := normalise_location(child.location or child.name)) != location]
