"""The networks of both sides, and what the target's has to have."""

from typing import Any

import pytest

from acr_relocate.core.checks import Subnet, Unknown
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.network.layout import NetworkLayout, SubnetRoom, TargetNetwork
from acr_relocate.core.network.prerequisites import build_network_layout
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from tests.support.builders import SUBSCRIPTION, child, registry, request

BASE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"
WEST, NORTH = f"{BASE}/virtualNetworks/west/subnets", f"{BASE}/virtualNetworks/north/subnets"
ZONE_ID = f"{BASE}/privateDnsZones/privatelink.azurecr.io"
RULE = {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": f"{WEST}/apps"}]}}
RULED = registry("contosoregistry", child("replications", "eastus", "eastus"), properties=RULE)
GOOD = Subnet(
    id=f"{NORTH}/apps", location="northeurope", service_endpoints={"Microsoft.ContainerRegistry": "Succeeded"}
)
ROOM = SubnetRoom(id=f"{NORTH}/ends", capacity=27, used=20)
MAPPED = request(subnets={f"{WEST}/apps": f"{NORTH}/apps", f"{WEST}/ends": f"{NORTH}/ends"})


def member(name: str, host: str, address: str) -> dict[str, Any]:
    link = {"requiredMemberName": name, "fqdns": [host]}
    return {"properties": {"privateIPAddress": address, "privateLinkConnectionProperties": link}}


def around(*records: tuple[str, str], linked: str = f"{BASE}/virtualNetworks/west") -> Surroundings:
    """One private endpoint with two addresses, and the zone that names them."""
    members = [
        member("registry", "contosoregistry.azurecr.io", "10.0.0.4"),
        member("registry_data_westeurope", "contosoregistry.westeurope.data.azurecr.io", "10.0.0.5"),
    ]
    config = {"properties": {"privateDnsZoneId": ZONE_ID}}
    endpoint = {
        "id": f"{BASE}/privateEndpoints/pe",
        "name": "pe",
        "location": "westeurope",
        "properties": {"subnet": {"id": f"{WEST}/ends"}},
        "interfaces": [{"id": "/nic", "name": "nic", "properties": {"ipConfigurations": members}}],
        "privateDnsZoneGroups": [{"id": "/g", "name": "default", "properties": {"privateDnsZoneConfigs": [config]}}],
    }
    zone = {
        "id": ZONE_ID,
        "name": "privatelink.azurecr.io",
        "A": [{"name": name, "properties": {"aRecords": [{"ipv4Address": address}]}} for name, address in records],
        "virtualNetworkLinks": [{"id": "/l", "name": "l", "properties": {"virtualNetwork": {"id": linked}}}],
    }
    return Surroundings(endpoints=(endpoint,), zones=(zone,))


def laid_out(
    source: Registry = RULED,
    asked: RelocationRequest = MAPPED,
    found: Surroundings | None = None,
    apps: Subnet | Unknown | None = GOOD,
    room: SubnetRoom | Unknown | None = ROOM,
) -> NetworkLayout:
    ends = Subnet(id=f"{NORTH}/ends", location="northeurope")
    network = TargetNetwork(subnets={GOOD.id: apps, ends.id: ends}, rooms={ends.id: room})
    return build_network_layout(source, asked, found or Surroundings(), network)


def states(layout: NetworkLayout) -> dict[str, str]:
    return {one.what: one.state for one in layout.prerequisites}


def test_both_sides_are_laid_out() -> None:
    """Rules are mapped, data endpoints are those of the target's regions, the name of the rule's id does not matter."""
    here = registry(
        "contosoregistry",
        child("replications", "eastus", "eastus"),
        properties=RULE | {"dataEndpointEnabled": True, "publicNetworkAccess": "Disabled"},
    )
    layout = laid_out(here)

    assert (layout.source.subnets, layout.target.subnets) == ((f"{WEST}/apps",), (f"{NORTH}/apps",))
    assert layout.source.data_endpoints == (
        "contosoregistry.westeurope.data.azurecr.io",
        "contosoregistry.eastus.data.azurecr.io",
    )
    assert layout.target.data_endpoints == (
        "contosoregistryne.northeurope.data.azurecr.io",
        "contosoregistryne.eastus.data.azurecr.io",
    )
    assert not layout.source.public_access
    assert layout.source.default_action == "Deny"
    assert NetworkLayout.model_validate_json(layout.model_dump_json()) == layout


def test_rules_that_could_not_be_read_are_not_none() -> None:
    """Stable api-versions do not show them: without the preview they are unknown."""
    assert laid_out(registry(unread={"preview properties": "refused"})).source.subnets is None
    assert laid_out(registry()).source.subnets == ()


def test_addresses_are_compared_with_the_zone() -> None:
    """Without the record of a data endpoint one can sign in but pull no layer."""
    half = around(("contosoregistry", "10.0.0.9"))
    whole = around(("contosoregistry", "10.0.0.4"), ("contosoregistry.westeurope.data", "10.0.0.5"))

    assert [one.recorded for one in laid_out(found=half).source.endpoints[0].addresses] == [
        "another address",
        "missing",
    ]
    assert [one.recorded for one in laid_out(found=whole).source.endpoints[0].addresses] == ["yes", "yes"]


@pytest.mark.parametrize(
    ("apps", "state"),
    [
        (GOOD, {"exists": "met", "service endpoint": "met"}),
        (GOOD.model_copy(update={"service_endpoints": {}}), {"exists": "met", "service endpoint": "missing"}),
        (
            GOOD.model_copy(update={"service_endpoints": {"Microsoft.ContainerRegistry": "Updating"}}),
            {"exists": "met", "service endpoint": "missing"},
        ),
        (GOOD.model_copy(update={"location": "West Europe"}), {"exists": "missing", "service endpoint": "met"}),
        (None, {"exists": "missing"}),
        (Unknown(reason="no right"), {"exists": "unknown"}),
    ],
)
def test_a_subnet_of_a_rule(apps: Subnet | Unknown | None, state: dict[str, str]) -> None:
    """There, in the target's region, with a service endpoint that works: what the article wants of a flag."""
    found = laid_out(apps=apps)
    named = {key: value for what, value in states(found).items() for key in state if key in what}

    assert named == state
    assert all(one.remedy for one in found.prerequisites if one.state == "missing")


@pytest.mark.parametrize(
    ("room", "state"),
    [
        (ROOM, "met"),
        (ROOM.model_copy(update={"used": 25}), "missing"),
        (ROOM.model_copy(update={"used": None}), "unknown"),
    ],
)
def test_a_subnet_has_an_address_for_every_name(room: SubnetRoom, state: str) -> None:
    """Two, and one more for each replica."""
    assert states(laid_out(found=around(), room=room))["3 free addresses in north/ends"] == state


def test_a_delegated_subnet_takes_no_private_endpoint() -> None:
    """It belongs to a service."""
    room = ROOM.model_copy(update={"delegations": ("Microsoft.Web/serverFarms",)})

    assert states(laid_out(found=around(), room=room))["north/ends takes private endpoints"] == "missing"


def test_the_zone_is_linked_to_the_targets_network() -> None:
    """Otherwise clients there cannot resolve the private endpoint."""
    missing = states(laid_out(found=around()))["link from privatelink.azurecr.io to north"]
    there = states(laid_out(found=around(linked=f"{BASE}/virtualNetworks/NORTH")))

    assert (missing, there["link from privatelink.azurecr.io to north"]) == ("missing", "met")


def test_the_records_of_every_data_endpoint_are_named() -> None:
    """The target's home and each replica."""
    (records,) = [one.what for one in laid_out(found=around()).prerequisites if one.what.startswith("DNS records")]

    assert records == (
        "DNS records contosoregistryne, contosoregistryne.northeurope.data, contosoregistryne.eastus.data"
    )


def test_subnets_that_nobody_mapped_are_asked_for() -> None:
    """With the lines that the request lacks."""
    layout = laid_out(asked=request(), found=around())
    asked_for = [one for one in layout.prerequisites if one.detail == "the request names none"]

    assert [one.resource for one in asked_for] == [f"{WEST}/apps", f"{WEST}/ends"]
    assert all(one.remedy.startswith("# In the request:\nsubnets:\n") for one in asked_for)


def test_an_open_registry_needs_nothing() -> None:
    """No rules and no private endpoints: no prerequisites."""
    assert laid_out(registry()).prerequisites == ()
