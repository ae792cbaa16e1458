"""Rules that let clients through: exact names, private addresses, and lines that can be pasted."""

import pytest

from acr_relocate.core.checks import Unknown
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.network.firewall_rules import FirewallLists, RegistryEndpoints, lines, lists
from acr_relocate.core.registry.inventory import Registry
from tests.support.builders import child, registry
from tests.unit.network.test_layout import around

DATA = {"dataEndpointEnabled": True}
SOURCE = registry("contosoregistry", child("replications", "eastus", "eastus"), properties=DATA)


def target(*replicas: str, **properties: object) -> FirewallLists:
    named = [child("replications", region, region) for region in replicas]
    there = registry(
        "contosoregistryne", *named, properties=properties, location="northeurope",
        login_server="contosoregistryne-a1b2.azurecr.io",
    )  # fmt: skip
    return lists(side(SOURCE), side(there))


def side(of: Registry, found: Surroundings | None = None) -> RegistryEndpoints:
    return RegistryEndpoints(registry=of, around=found or Surroundings(), host=of.login_server)


def test_names_are_those_that_azure_gave_with_a_data_endpoint_for_each_region() -> None:
    """The login server may carry a hash, and its data endpoints too."""
    assert [opening.destination for opening in target("eastus", **DATA).now] == [
        "contosoregistryne-a1b2.azurecr.io",
        "contosoregistryne-a1b2.northeurope.data.azurecr.io",
        "contosoregistryne-a1b2.eastus.data.azurecr.io",
        "AzureContainerRegistry.northeurope",
        "AzureContainerRegistry.eastus",
    ]


def test_without_data_endpoints_layers_come_from_storage() -> None:
    """Of no name in particular."""
    found = {opening.destination: opening.purpose for opening in target().now}

    assert found["*.blob.core.windows.net"] == "layers"
    assert found["Storage.northeurope"] == "service tag"


def test_only_what_the_target_does_not_need_can_go_later() -> None:
    """A replica that both have keeps its service tag."""
    assert [opening.destination for opening in target("eastus", **DATA).later] == [
        "contosoregistry.azurecr.io",
        "contosoregistry.westeurope.data.azurecr.io",
        "contosoregistry.eastus.data.azurecr.io",
        "AzureContainerRegistry.westeurope",
    ]


def test_private_addresses_are_those_of_the_interfaces() -> None:
    """The addresses to which a name has to resolve inside the network."""
    there = registry("contosoregistry", properties=DATA)
    found = lists(side(registry("elsewhere")), side(there, around()))

    assert [(one.destination, one.addresses) for one in found.now if one.addresses] == [
        ("contosoregistry.azurecr.io", ("10.0.0.4",)),
        ("contosoregistry.westeurope.data.azurecr.io", ("10.0.0.5",)),
    ]
    assert "--destination-address-prefixes 10.0.0.4 10.0.0.5" in lines(found, "nsg")
    assert lines(found, "proxy").endswith(
        "NO_PROXY=contosoregistry.azurecr.io,contosoregistry.westeurope.data.azurecr.io"
    )


def test_private_addresses_of_the_source_can_go_later() -> None:
    """Rules that were made for its private endpoint are of no use without it."""
    found = lists(side(registry("contosoregistry"), around()), side(registry("elsewhere", location="northeurope")))

    assert {one.destination: one.addresses for one in found.later if one.addresses} == {
        "contosoregistry.azurecr.io": ("10.0.0.4",),
        "contosoregistry.westeurope.data.azurecr.io": ("10.0.0.5",),
    }


def test_a_private_endpoint_has_data_endpoints_that_nobody_has_enabled() -> None:
    """Azure gives them to it alone, so the registry's properties do not say them."""
    found = lists(side(registry("elsewhere")), side(registry("contosoregistry"), around()))

    assert ("contosoregistry.westeurope.data.azurecr.io", "data endpoint", ("10.0.0.5",)) in {
        (one.destination, one.purpose, one.addresses) for one in found.now
    }


def test_addresses_that_could_not_be_read_are_said_to_be_missing() -> None:
    """No address is not the same as no right to see one."""
    found = lists(side(SOURCE), side(registry("b"), Surroundings(endpoints=Unknown(reason="no right to read them"))))

    assert found.not_known == ("private endpoints of b: no right to read them",)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("azure-firewall", "--target-fqdns contosoregistryne-a1b2.azurecr.io '*.blob.core.windows.net'"),
        ("nsg", "--destination-address-prefixes Storage.northeurope"),
        ("proxy", "acl contosoregistryne dstdomain contosoregistryne-a1b2.azurecr.io .blob.core.windows.net"),
    ],
)
def test_lines_can_be_pasted(dialect: str, expected: str) -> None:
    """For the firewalls that stand between clients and registries."""
    assert expected in lines(target(), dialect)  # type: ignore[arg-type] # the parameter's own values
