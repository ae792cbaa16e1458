"""A cluster of the embedded Azure with workloads of a registry, which another registry can take over."""

import json
from typing import Any

from acr_relocate.azure.changes import switching
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.switching import SwitchedDependent
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/clusters"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters"
API = "2025-05-01"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
LONG = 600.0
PULL_SECRET = "pull"
"""The secret that each workload names; a cluster has none of that name unless a test makes it."""


class Cluster:
    """A cluster whose nodes may pull from two registries with the same images."""

    def __init__(self, azure: AzureConnection, path: str, source: str, target: str) -> None:
        self.azure, self.path, self.source, self.target = azure, path, source, target

    async def run(self, command: str) -> str:
        answer = await self.azure.arm.post(f"{self.path}/runCommand", API, {"command": command}, doing="Running")
        assert answer["properties"]["exitCode"] == 0, answer
        return str(answer["properties"]["logs"])

    async def apply(self, kind: str, name: str, manager: str = "", namespace: str = "shop", **metadata: Any) -> None:
        """A workload with a container and an init container of the source, and a container of somebody else."""
        pod = {
            "imagePullSecrets": [{"name": PULL_SECRET}],
            "containers": [
                {"name": "main", "image": f"{self.source}/shop/web:1"},
                {"name": "proxy", "image": "mcr.microsoft.com/proxy:1"},
            ],
            "initContainers": [{"name": "main-setup", "image": f"{self.source}/shop/web:1"}],
        }
        spec: dict[str, Any] = {"template": {"spec": pod}}
        body = {
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace} | metadata,
            "spec": {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec,
        }
        flag = f" --field-manager={manager}" if manager else ""
        await self.run(f"kubectl apply{flag} -f - <<'EOF'\n{json.dumps(body)}\nEOF")

    async def images(self) -> str:
        """The listing without what a rollout changes."""
        columns = "NAME:.metadata.name,A:.spec.template.spec.containers[*].image"
        more = (
            "B:.spec.template.spec.initContainers[*].image,C:.spec.jobTemplate.spec.template.spec.containers[*].image"
        )
        wanted = "deployments,statefulsets,daemonsets,cronjobs --all-namespaces --no-headers"
        return await self.run(f"kubectl get {wanted} -o custom-columns='{columns},{more}'")

    def planned(self, *namespaces: str) -> SwitchedDependent:
        return SwitchedDependent(
            registry_id=f"{GROUP}/registry".lower(),
            kind="cluster",
            dependent_id=self.path,
            source_server=self.source,
            target_server=self.target,
            namespaces=namespaces or ("*",),
        )

    async def former(self, *namespaces: str) -> SwitchedDependent:
        found = await switching.find_former(self.azure, self.planned(*namespaces), RenameMap())
        assert found
        return found


async def make_cluster(factory: RegistryFactory, emulator: Emulator, name: str, *principals: str) -> Cluster:
    """A cluster whose nodes, or these principals instead of them, may pull from two registries with the same images."""
    azure = factory.azure
    emulator.plant(GROUP, location="westeurope", properties={"provisioningState": "Succeeded"})
    path = f"{CLUSTER}/aks-{abs(hash(name))}"
    body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"dnsPrefix": "aks"}}
    made = await azure.arm.put(path, API, body, doing="Making a cluster")
    kubelet = made["properties"]["identityProfile"]["kubeletidentity"]["objectId"]
    registries = [await factory.registry(), await factory.registry()]
    for one in registries:
        await factory.pushed(one).image("shop/web", "1")
    for one, principal in zip(registries, principals or (kubelet, kubelet), strict=False):
        await factory.grant(one, PULL, principal)
    return Cluster(azure, path, *(f"{one.name}.azurecr.io" for one in registries))
