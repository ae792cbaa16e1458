"""Real clients pull from the target as the identity of a cluster's nodes: refused before the cut-over, not after it."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.clients.conftest import CLIENTS
from tests.support.architecture import ROOT

SOURCE, TARGET = "contosoregistry.azurecr.io", "contosoregistryne.azurecr.io"
GROUP = f"/subscriptions/{settings.SUBSCRIPTION_ID}/resourceGroups/contoso-west/providers"
NETWORK = f"{GROUP}/Microsoft.Network"
WEST = f"{NETWORK}/virtualNetworks/contoso-vnet"
NORTH = (
    f"/subscriptions/{settings.SUBSCRIPTION_ID}/resourceGroups/contoso-network-north/providers/Microsoft.Network"
    "/virtualNetworks/contoso-vnet-north"
)
DATA = "contosoregistryne.northeurope.data"
FIXED = {
    "registry": "10.20.1.50",
    "registry_data_francecentral": "10.20.1.51",
    "registry_data_northeurope": "10.20.1.52",
}
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/contosoregistry"
CLUSTER = f"{GROUP}/Microsoft.ContainerService/managedClusters/contoso-aks"
ROLES = f"/subscriptions/{settings.SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions"
PULL = f"{ROLES}/7f951dda-4ed3-4680-a7ca-43fe172d538d"
IMAGE, ARTIFACT = "contoso/shop/frontend", "artifacts/terraform/network"
ORAS = """
import os, sys
import oras.client
client = oras.client.OrasClient(hostname=sys.argv[1], auth_backend="basic")
client.login(hostname=sys.argv[1], username=sys.argv[3], password=sys.argv[4])
print(len(client.pull(target=f"{sys.argv[1]}/{sys.argv[2]}", outdir="pulled")))
"""


@dataclass
class World:
    """The embedded Azure, the request's file, and how to run a command in a shell of a machine in some network."""

    emulator: Emulator
    request: Path
    folder: Path

    def run(self, *command: str, network: str = WEST) -> subprocess.CompletedProcess[str]:
        """Return the outcome of a command there; an empty network is the internet."""
        environment = {**os.environ, **self.emulator.env_in(network), "ACR_RELOCATE_STATE": str(self.folder / "state")}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    def relocate(self, *command: str, cut_over: bool) -> None:
        """One command of ours, which has to end well."""
        asked = yaml.safe_load((ROOT / "examples" / "demo.yaml").read_text()) | {"cut_over": cut_over}
        asked["selection"] = {"repositories": [IMAGE, ARTIFACT]}
        asked["subnets"] = {f"{WEST}/subnets/{name}": f"{NORTH}/subnets/{name}" for name in ("apps", "endpoints")}
        asked["static_addresses"] = {f"{NETWORK}/privateEndpoints/contoso-acr-pe": FIXED}
        self.request.write_text(yaml.safe_dump(asked))
        done = self.run(str(ROOT / ".venv" / "bin" / "acr-relocate"), *command, str(self.request))
        assert done.returncode == 0, done.stdout + done.stderr

    def skopeo(self, server: str, folder: Path, network: str) -> subprocess.CompletedProcess[str]:
        """skopeo copies an image with all its platforms out of the registry, as the nodes."""
        nodes = f"{settings.OPERATOR_CLIENT_ID}:{settings.OPERATOR_SECRET}"
        image = f"docker://{server}/{IMAGE}:{self.first_tag(IMAGE)}"
        return self.run("skopeo", "copy", "--all", "--src-creds", nodes, image, f"dir:{folder}", network=network)

    def oras(self, server: str, network: str) -> subprocess.CompletedProcess[str]:
        """oras pulls an artifact, as the nodes, and prints how many files it got."""
        python = str(CLIENTS / "oci" / "bin" / "python")
        artifact = f"{ARTIFACT}:{self.first_tag(ARTIFACT)}"
        nodes = (settings.OPERATOR_CLIENT_ID, settings.OPERATOR_SECRET)
        return self.run(python, "-c", ORAS, server, artifact, *nodes, network=network)

    def first_tag(self, repository: str) -> str:
        """A tag that there is at the source."""
        return sorted(self.emulator.content("contosoregistry")["repositories"][repository]["tags"])[0]

    def record(self, name: str, address: str) -> None:
        """The A record of the name decides, not its author."""
        records = {"aRecords": [{"ipv4Address": address}]}
        self.emulator.plant(f"{NETWORK}/privateDnsZones/privatelink.azurecr.io/A/{name}", properties=records)


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The nodes sign in with an identity that an outside client can use: real ones have no known secret.

    The registry is closed to the public, so that the target will be, too; our own commands run in the old network.
    """
    folder = tmp_path_factory.mktemp("cut-over")
    with running("demo") as emulator:
        nodes = {"objectId": settings.OPERATOR_OBJECT_ID, "clientId": settings.OPERATOR_CLIENT_ID}
        emulator.plant(CLUSTER, properties={"identityProfile": {"kubeletidentity": nodes}})
        emulator.plant(REGISTRY, properties={"publicNetworkAccess": "Disabled"})
        role = {"principalId": settings.OPERATOR_OBJECT_ID, "roleDefinitionId": PULL, "scope": REGISTRY}
        emulator.plant(
            f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/nodes",
            properties=role | {"principalType": "ServicePrincipal"},
        )
        yield World(emulator, folder / "request.yaml", folder)


def test_a_pull_as_the_nodes_is_refused_before_the_cut_over_and_works_after_it(world: World, tmp_path: Path) -> None:
    """From the new network, whose private endpoint the clients' packets reach at the addresses that were fixed."""
    world.relocate("run", cut_over=False)
    assert world.skopeo(SOURCE, tmp_path / "from-source", WEST).returncode == 0
    refused = world.skopeo(TARGET, tmp_path / "before", WEST), world.oras(TARGET, WEST)

    world.relocate("cut-over", cut_over=True)
    world.emulator.reset_stats()
    pulled, artifact = world.skopeo(TARGET, tmp_path / "after", NORTH), world.oras(TARGET, NORTH)

    for one in refused:
        assert one.returncode != 0
        assert "unauthorized" in one.stderr.lower() or "denied" in one.stderr.lower(), one.stderr
    assert pulled.returncode == 0, pulled.stderr
    files = sorted(path.name for path in (tmp_path / "from-source").iterdir())
    assert sorted(path.name for path in (tmp_path / "after").iterdir()) == files
    assert artifact.returncode == 0, artifact.stderr
    assert int(artifact.stdout) >= 1
    assert set(world.emulator.stats()["private"]) == {
        f"{TARGET} {FIXED['registry']}",
        f"{DATA}.azurecr.io {FIXED['registry_data_northeurope']}",
    }
    assert _zone_and_interfaces_agree(world)

    outside = world.skopeo(TARGET, tmp_path / "outside", "")
    assert outside.returncode != 0
    assert "403 (Forbidden)" in outside.stderr

    world.record(DATA, "10.20.1.99")
    astray = world.skopeo(TARGET, tmp_path / "astray", NORTH)
    world.record(DATA, FIXED["registry_data_northeurope"])
    assert astray.returncode != 0, "the layers came by another way than the record of the data endpoint"
    assert world.skopeo(TARGET, tmp_path / "again", NORTH).returncode == 0


def _zone_and_interfaces_agree(world: World) -> bool:
    """Whether what clients are told to reach is what the zone answers, for login server and data endpoints."""
    done = world.run(str(ROOT / ".venv" / "bin" / "acr-relocate"), "firewall", str(world.request), "--json")
    now: list[dict[str, Any]] = json.loads(done.stdout)["now"]
    told = {one["destination"].removesuffix(".azurecr.io"): set(one["addresses"]) for one in now if one["addresses"]}
    records = world.emulator.resources("Microsoft.Network/privateDnsZones/A")
    answered = {
        one["name"]: {record["ipv4Address"] for record in one["properties"]["aRecords"]}
        for one in records
        if one["name"].startswith("contosoregistryne")
    }
    return told == answered and len(told) == 3
