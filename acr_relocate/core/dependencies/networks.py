"""The network around the registry: private endpoints with what belongs to them, DNS zones, virtual networks."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.children.private_endpoints import addresses_of
from acr_relocate.core.target.design import subnet_ids


def network_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the network resources through which the registry is reached."""
    for endpoint in readable_items(scene.around.endpoints):
        yield _endpoint(scene, endpoint)
        yield from _interfaces(endpoint)
        yield from _zone_groups(scene, endpoint)
    yield from _zones(scene)
    yield from _subnet_rules(scene)
    yield from _virtual_networks(scene)


def _endpoint(scene: MapContext, endpoint: Json) -> Dependency:
    subnet, made = subnet_of(endpoint), scene.carried_of("privateEndpoints", endpoint["id"])
    tie = (
        f"in the subnet {ResourceId(subnet).name} of {ResourceId(ResourceId(subnet).ancestor('virtualNetworks')).name}"
    )
    if made:
        fixed = addresses_of(made)
        where = f" with the addresses {', '.join(fixed.values())}" if fixed else ""
        action = f"the deployment makes {made.name} beside it{where}; the old one goes with the source"
        return entry_of("private_endpoint", endpoint, tie, "Resource Graph", "re-created", action)
    return entry_of(
        "private_endpoint",
        endpoint,
        tie,
        "Resource Graph",
        "re-created",
        "manual: make one for the target in its network; the old one goes with the source",
        az(
            "network private-endpoint create",
            name=_new_name(scene, endpoint),
            resource_group=scene.request.target.resource_group,
            location=scene.request.target.location,
            subnet=scene.subnets.get(subnet.lower(), "RESOURCE-ID-OF-A-SUBNET-THERE"),
            private_connection_resource_id=scene.target_id,
            group_id="registry",
            connection_name=_new_name(scene, endpoint),
            **scene.there,
        ),
    )


def _new_name(scene: MapContext, endpoint: Json) -> str:
    """Return the name of the private endpoint to the target: the deployment's, or a proposal."""
    made = scene.carried_of("privateEndpoints", endpoint["id"])
    return made.name if made else f"{endpoint['name']}-{scene.request.target.location}"


def _interfaces(endpoint: Json) -> Iterator[Dependency]:
    for interface in endpoint.get("interfaces") or ():
        addresses = [
            str(properties(one).get("privateIPAddress")) for one in properties(interface).get("ipConfigurations") or ()
        ]
        tie = f"addresses {', '.join(addresses)} of {endpoint['name']}"
        action = "nothing: the new private endpoint brings its own"
        yield entry_of("network_interface", interface, tie, "Resource Manager", "follows", action)


def _zone_groups(scene: MapContext, endpoint: Json) -> Iterator[Dependency]:
    made = scene.carried_of("privateEndpoints", endpoint["id"])
    is_deployed = bool(made and made.properties.get("privateDnsZoneGroups"))
    for group in endpoint.get("privateDnsZoneGroups") or ():
        configs = properties(group).get("privateDnsZoneConfigs") or ()
        zones = [str(properties(config).get("privateDnsZoneId")) for config in configs]
        shown = {"id": group["id"], "name": f"{endpoint['name']}/{group['name']}"}
        tie = f"keeps the records of {endpoint['name']} in {', '.join(ResourceId(zone).name for zone in zones)}"
        action = "with it Azure writes the records of the new private endpoint, data endpoints included"
        if is_deployed:
            deployed = f"the deployment makes the same; {action}"
            yield entry_of("dns_zone_group", shown, tie, "Resource Manager", "re-created", deployed)
            continue
        command = az(
            "network private-endpoint dns-zone-group create",
            resource_group=scene.request.target.resource_group,
            endpoint_name=_new_name(scene, endpoint),
            name=group["name"],
            zone_name=ResourceId(zones[0]).name if zones else "privatelink.azurecr.io",
            private_dns_zone=zones[0] if zones else "RESOURCE-ID-OF-THE-ZONE",
            **scene.there,
        )
        manual = f"manual: {action}"
        yield entry_of("dns_zone_group", shown, tie, "Resource Manager", "re-created", manual, command)


def _zones(scene: MapContext) -> Iterator[Dependency]:
    for zone in readable_items(scene.around.zones):
        records = len(zone.get("A") or ())
        tie = f"names the private endpoints; holds {records} records"
        action = "nothing: names differ, so one zone holds the records of both registries"
        yield entry_of("dns_zone", zone, tie, "Resource Manager", "shared", action)
        for link in zone.get("virtualNetworkLinks") or ():
            network = str((properties(link).get("virtualNetwork") or {}).get("id") or "")
            shown = {"id": link["id"], "name": link["name"]}
            linked = f"lets {ResourceId(network).name} resolve the names in {zone['name']}"
            stays = "nothing: it stays; the target's network needs a link of its own (see the prerequisites)"
            yield entry_of("dns_zone_link", shown, linked, "Resource Manager", "shared", stays)


def _subnet_rules(scene: MapContext) -> Iterator[Dependency]:
    for subnet in subnet_ids(scene.registry):
        there = scene.subnets.get(subnet.lower())
        network = ResourceId(subnet).ancestor("virtualNetworks")
        shown = {
            "id": subnet,
            "name": f"{ResourceId(network).name}/{ResourceId(subnet).name}",
            "location": scene.place(network),
        }
        tie = "a network rule allows it through its service endpoint"
        if there:
            action = f"the cut-over allows {ResourceId(there).subnet_name} instead: such a rule may refuse imports"
            yield entry_of("subnet_rule", shown, tie, "the registry", "re-wired", action)
        else:
            yield entry_of(
                "subnet_rule",
                shown,
                tie,
                "the registry",
                "re-wired",
                "manual: the rule is left out, because the request names no subnet of the target for it",
                f"# in the request:\nsubnets:\n  {subnet}: RESOURCE-ID-OF-A-SUBNET-THERE",
            )


def _virtual_networks(scene: MapContext) -> Iterator[Dependency]:
    subnets = [*subnet_ids(scene.registry), *map(subnet_of, readable_items(scene.around.endpoints))]
    networks = dict.fromkeys(filter(None, (ResourceId(subnet).ancestor("virtualNetworks") for subnet in subnets)))
    for network in networks:
        shown = {"id": network, "name": ResourceId(network).name, "location": scene.place(network)}
        tie = f"in {ResourceId(network).group}; clients in it reach the registry"
        action = "nothing: it stays; the target is reached from networks of its own region"
        yield entry_of("virtual_network", shown, tie, "Resource Graph", "shared", action)


def subnet_of(endpoint: Json) -> str:
    """Return the id of the subnet that a private endpoint is in."""
    return str((properties(endpoint).get("subnet") or {}).get("id") or "")
