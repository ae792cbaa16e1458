"""Real clients pull from the target as the identity of a cluster's nodes: refused before the cut-over, not after it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_azure import settings
from local_azure.launcher import Emulator, running
from tests.architecture import ROOT
from tests.clients.conftest import CLIENTS

SOURCE, TARGET = "contosoregistry.azurecr.io", "contosoregistryne.azurecr.io"
GROUP = f"/subscriptions/{settings.SUBSCRIPTION_ID}/resourceGroups/contoso-west/providers"
NORTH = f"/subscriptions/{settings.SUBSCRIPTION_ID}/resourceGroups/contoso-network-north/providers/Microsoft.Network"
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
    """The embedded Azure, the request's file, and how to run a command in a shell there."""

    emulator: Emulator
    request: Path
    run: Callable[..., subprocess.CompletedProcess[str]]

    def relocate(self, *command: str, cut_over: bool) -> None:
        """One command of ours, which has to end well."""
        asked = yaml.safe_load((ROOT / "examples" / "demo.yaml").read_text()) | {"cut_over": cut_over}
        asked["selection"] = {"repositories": [IMAGE, ARTIFACT]}
        subnets = f"{GROUP}/Microsoft.Network/virtualNetworks/contoso-vnet/subnets"
        there = f"{NORTH}/virtualNetworks/contoso-vnet-north/subnets"
        asked["subnets"] = {f"{subnets}/{name}": f"{there}/{name}" for name in ("apps", "endpoints")}
        self.request.write_text(yaml.safe_dump(asked))
        done = self.run(str(ROOT / ".venv" / "bin" / "acr-relocate"), *command, str(self.request))
        assert done.returncode == 0, done.stdout + done.stderr

    def pull(self, server: str, tag: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """skopeo copies an image with all its platforms out of the registry, as the nodes."""
        nodes = f"{settings.OPERATOR_CLIENT_ID}:{settings.OPERATOR_SECRET}"
        return self.run(
            "skopeo", "copy", "--all", "--src-creds", nodes, f"docker://{server}/{IMAGE}:{tag}", f"dir:{folder}"
        )


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The nodes of the cluster are somebody whom a client outside can be: nobody has the secret of real ones."""
    folder = tmp_path_factory.mktemp("cut-over")
    with running("demo") as emulator:
        nodes = {"objectId": settings.OPERATOR_OBJECT_ID, "clientId": settings.OPERATOR_CLIENT_ID}
        emulator.plant(CLUSTER, properties={"identityProfile": {"kubeletidentity": nodes}})
        role = {"principalId": settings.OPERATOR_OBJECT_ID, "roleDefinitionId": PULL, "scope": REGISTRY}
        emulator.plant(
            f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/nodes",
            properties=role | {"principalType": "ServicePrincipal"},
        )
        environment = {**os.environ, **emulator.env, "ACR_RELOCATE_STATE": str(folder / "state")}

        def run(*command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
            )

        yield World(emulator, folder / "request.yaml", run)


def test_a_pull_as_the_nodes_is_refused_before_the_cut_over_and_works_after_it(world: World, tmp_path: Path) -> None:
    """By the names that the private endpoint has in its zone, with manifest, config and every layer."""
    tag = sorted(world.emulator.content("contosoregistry")["repositories"][IMAGE]["tags"])[0]
    world.relocate("run", cut_over=False)
    assert world.pull(SOURCE, tag, tmp_path / "from-source").returncode == 0
    refused = world.pull(TARGET, tag, tmp_path / "before")

    world.relocate("cut-over", cut_over=True)
    pulled = world.pull(TARGET, tag, tmp_path / "after")

    assert refused.returncode != 0
    assert "unauthorized" in refused.stderr.lower() or "denied" in refused.stderr.lower()
    assert pulled.returncode == 0, pulled.stderr
    files = sorted(path.name for path in (tmp_path / "from-source").iterdir())
    assert sorted(path.name for path in (tmp_path / "after").iterdir()) == files
    assert _zone_and_interfaces_agree(world)

    tag = sorted(world.emulator.content("contosoregistry")["repositories"][ARTIFACT]["tags"])[0]
    arguments = [TARGET, f"{ARTIFACT}:{tag}", settings.OPERATOR_CLIENT_ID, settings.OPERATOR_SECRET]
    artifact = world.run(str(CLIENTS / "oci" / "bin" / "python"), "-c", ORAS, *arguments)
    assert artifact.returncode == 0, artifact.stderr
    assert int(artifact.stdout) >= 1


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
