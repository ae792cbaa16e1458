"""A client in a virtual network: it goes to the address that its zones answer, and gets in there or nowhere."""

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest
import requests

from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.conftest import CA_DIR
from tests.support.raw_registry import RawRegistry

GROUP = f"/subscriptions/{settings.SUBSCRIPTION_ID}/resourceGroups/contoso-west/providers"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/contosoregistry"
NETWORK = f"{GROUP}/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/contoso-vnet"
ZONE = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
HOST = "contosoregistry.azurecr.io"


@pytest.fixture(scope="module", name="closed")
def _closed() -> Iterator[Emulator]:
    """The lifelike registry, closed to the public."""
    with running("demo", ca_dir=CA_DIR) as emulator:
        emulator.plant(REGISTRY, properties={"publicNetworkAccess": "Disabled"})
        yield emulator


def ask(emulator: Emulator, network: str, host: str = HOST) -> requests.Response:
    """Return the registry's answer to somebody without a token who is in the network."""
    environment = emulator.env_in(network)
    proxies = {"https": environment["HTTPS_PROXY"]}
    return requests.get(f"https://{host}/v2/", proxies=proxies, verify=environment["SSL_CERT_FILE"], timeout=30)


def record(emulator: Emulator, name: str = "contosoregistry") -> str:
    """The address that the zone has for the name."""
    (found,) = [one for one in emulator.resources("Microsoft.Network/privateDnsZones/A") if one["name"] == name]
    address: str = found["properties"]["aRecords"][0]["ipv4Address"]
    return address


def test_who_is_inside_arrives_at_the_address_of_the_private_endpoint(closed: Emulator) -> None:
    """And at that of the data endpoint under its name; the door of the public is shut."""
    closed.reset_stats()
    data = "contosoregistry.francecentral.data"

    assert ask(closed, VNET).status_code == 401
    ask(closed, VNET, f"{data}.azurecr.io")
    refused = ask(closed, "")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "DENIED")
    assert closed.stats()["private"] == {
        f"{HOST} {record(closed)}": 1,
        f"{data}.azurecr.io {record(closed, data)}": 1,
    }


def test_layers_come_by_the_data_endpoint(closed: Emulator) -> None:
    """The login server redirects readers there: without its record sign-in works, but no layer can be pulled."""
    environment = closed.env_in(VNET)
    registry = RawRegistry(HOST, environment)
    held = closed.content("contosoregistry")["repositories"]["contoso/shop/frontend"]
    digest = next(
        name for name, one in held["manifests"].items() if one["mediaType"].endswith("image.manifest.v1+json")
    )
    layer = json.loads(registry.read(f"/v2/contoso/shop/frontend/manifests/{digest}")[0])["layers"][0]["digest"]
    closed.reset_stats()

    body, _ = registry.read(f"/v2/contoso/shop/frontend/blobs/{layer}")

    assert f"sha256:{sha256(body).hexdigest()}" == layer
    data = "contosoregistry.westeurope.data"
    assert closed.stats()["private"][f"{data}.azurecr.io {record(closed, data)}"] == 1


def test_a_network_whose_zones_are_not_linked_resolves_as_the_public_does(closed: Emulator) -> None:
    """Which leads to the public door."""
    assert ask(closed, f"{VNET}-elsewhere").status_code == 403


@pytest.mark.parametrize("wrong", ["10.9.9.9", "", "another member's"])
def test_a_wrong_record_leads_astray(closed: Emulator, wrong: str) -> None:
    """It refuses unknown names, missing addresses, and addresses of another name."""
    right = record(closed)
    another = record(closed, "contosoregistry.francecentral.data")
    address = another if wrong.startswith("another") else wrong
    records = [{"ipv4Address": address}] if address else []
    closed.plant(f"{ZONE}/A/contosoregistry", properties={"aRecords": records})
    try:
        if address == another:
            assert ask(closed, VNET).status_code == 403
        else:
            with pytest.raises(requests.exceptions.ProxyError, match="502"):
                ask(closed, VNET)
    finally:
        closed.plant(f"{ZONE}/A/contosoregistry", properties={"aRecords": [{"ipv4Address": right}]})
    assert ask(closed, VNET).status_code == 401


def test_an_endpoint_that_is_not_approved_lets_nobody_in(closed: Emulator) -> None:
    """Its address is there, but leads nowhere."""
    (connection,) = closed.resources("Microsoft.ContainerRegistry/registries/privateEndpointConnections")
    states = ("Pending", 403), ("Approved", 401)
    for status, expected in states:
        closed.plant(connection["id"], properties={"privateLinkServiceConnectionState": {"status": status}})
        assert ask(closed, VNET).status_code == expected
