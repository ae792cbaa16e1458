"""Checks of the networks: what the registry lets in, and whether imports and rules will work at the target."""

from collections.abc import Iterator

from acr_relocate.core.checks.evidence import Evidence, Subnet, Unknown
from acr_relocate.core.checks.reading import could_not_be_read
from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Registry
from acr_relocate.core.regions import compact
from acr_relocate.core.target import subnet_ids, subnet_stays_behind

SERVICE_ENDPOINT = "Microsoft.ContainerRegistry"


def virtual_network_rule_without_mapping(evidence: Evidence) -> Iterator[Finding]:
    """A subnet may reach the source, and the request does not say which one may reach the target."""
    mapped = {subnet.lower() for subnet in evidence.request.subnets}
    for subnet in subnet_ids(evidence.source):
        if subnet.lower() not in mapped:
            yield subnet_stays_behind(subnet)


def subnet_missing(evidence: Evidence) -> Iterator[Finding]:
    """A subnet of the request does not exist. Virtual network and subnet are created before the registry."""
    for subnet_id, subnet in evidence.subnets.items():
        if isinstance(subnet, Unknown):
            yield could_not_be_read(f"subnet {subnet_id}", subnet, subnet_id)
        elif subnet is None:
            yield Finding(
                code="subnet_missing",
                severity="blocker",
                message=f"Subnet {subnet_id} does not exist.",
                remedy="Create the virtual network and the subnet first.",
                resource=subnet_id,
            )


def subnet_lacks_service_endpoint(evidence: Evidence) -> Iterator[Finding]:
    """A subnet of the request has no working service endpoint.

    The article wants this guarantee from `ignoreMissingVnetServiceEndpoint`, which no registry api-version has.
    """
    for subnet in evidence.subnets.values():
        state = subnet.service_endpoints.get(SERVICE_ENDPOINT, "missing") if isinstance(subnet, Subnet) else "Succeeded"
        if state != "Succeeded" and isinstance(subnet, Subnet):
            yield Finding(
                code="subnet_lacks_service_endpoint",
                severity="blocker",
                message=f"The service endpoint {SERVICE_ENDPOINT} of {subnet.id} is {state}.",
                remedy=f"az network vnet subnet update --ids {subnet.id} --service-endpoints {SERVICE_ENDPOINT} "
                "(name the endpoints that it has, too)",
                resource=subnet.id,
            )


def subnet_in_another_region(evidence: Evidence) -> Iterator[Finding]:
    """A subnet of the request is not in the target's region."""
    location = evidence.request.target.location
    for subnet in evidence.subnets.values():
        if isinstance(subnet, Subnet) and compact(subnet.location) not in {"", location}:
            yield Finding(
                code="subnet_in_another_region",
                severity="warning",
                message=f"Subnet {subnet.id} is in {subnet.location}, the target registry in {location}.",
                remedy=f"Map the rule to a subnet in {location}.",
                resource=subnet.id,
            )


def trusted_services_kept_out(evidence: Evidence) -> Iterator[Finding]:
    """A registry restricts its network and keeps trusted services out: importImage is one, and would fail."""
    registries = [evidence.source, *([evidence.target] if isinstance(evidence.target, Registry) else [])]
    for registry in registries:
        bypass = registry.properties.get("networkRuleBypassOptions", "AzureServices")
        if _is_restricted(registry) and bypass != "AzureServices":
            yield Finding(
                code="trusted_services_kept_out",
                severity="blocker",
                message=f"{registry.name} restricts its network and lets no trusted services in, so no import either.",
                remedy=f"az acr update --name {registry.name} --allow-trusted-services true",
                resource=registry.id,
            )


def _is_restricted(registry: Registry) -> bool:
    rules = registry.properties.get("networkRuleSet") or {}
    return (
        registry.properties.get("publicNetworkAccess") == "Disabled"
        or rules.get("defaultAction") == "Deny"
        or bool(registry.children_of("privateEndpointConnections"))
        or bool(registry.properties.get("privateEndpointConnections"))
    )
