"""A registry with surroundings, moved by the real template at the embedded Azure; and what both then show, raw."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.core.target import template
from acr_relocate.core.target.template import TargetTemplate
from tests.contract.registry_factory import SUBSCRIPTION

Json = dict[str, Any]

STABLE, PREVIEW = "2025-11-01", "2026-03-01-preview"
TASKS = ("2019-06-01-preview", "2025-03-01-preview")
WEST, NORTH = "round-west", "round-north"
TASK_KINDS = frozenset({"tasks", "agentPools"})


def group(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"


def subnet(side: str, name: str = "apps") -> str:
    return f"{group(side)}/providers/Microsoft.Network/virtualNetworks/net-{side}/subnets/{name}"


def identity(side: str) -> str:
    return f"{group(side)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{side}"


def storage(side: str) -> str:
    return f"{group(side)}/providers/Microsoft.Storage/storageAccounts/logs{side.removeprefix('round-')}"


def hub_rule(side: str) -> str:
    return f"{group(side)}/providers/Microsoft.EventHub/namespaces/hub-{side}/authorizationRules/send"


WORKSPACE = f"{group(WEST)}/providers/Microsoft.OperationalInsights/workspaces/logs"
ZONE = f"{group(WEST)}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGIONS = {WEST: "westeurope", NORTH: "northeurope"}


@dataclass
class Moved:
    """A move that has been made: from `source` by the template `target`, of which what-if `foretold`, to `made`."""

    azure: AzureConnection
    request: RelocationRequest
    source: Registry
    target: TargetTemplate
    foretold: dict[str, str]
    made: Registry

    async def views(self, path: str = "") -> list[tuple[Json, Json]]:
        """Read source and target at each api-version, the child `path` of both or the registries themselves."""
        versions = TASKS if path.split("/", maxsplit=1)[0] in TASK_KINDS else (STABLE, PREVIEW)
        return [await self.pair(path, version) for version in versions]

    async def pair(self, path: str, version: str) -> tuple[Json, Json]:
        """Read source and target at one api-version."""
        return await self._get(self.source.id, path, version), await self._get(self.made.id, path, version)

    async def _get(self, registry_id: str, path: str, version: str) -> Json:
        suffix = f"/{path}" if path else ""
        return await self.azure.arm.get(f"{registry_id}{suffix}", version, doing="Reading back")


class Mover:
    """Makes sources, each with surroundings in both regions, and moves them."""

    def __init__(self, azure: AzureConnection, numbers: Iterator[int]) -> None:
        self.azure = azure
        self._numbers = numbers

    async def move(
        self, *children: tuple[str, Json], properties: Json | None = None, request: Json | None = None, **body: Any
    ) -> Moved:
        """A registry of these properties with these children (path and body) has been moved to northeurope."""
        _, wanted = await self.source(*children, properties=properties, request=request, **body)
        return await self.carry_out(wanted)

    async def carry_out(self, wanted: RelocationRequest) -> Moved:
        """Exported, rewritten, validated, deployed and read back."""
        source = await registries.read_registry(self.azure, wanted.source)
        exported = await deployments.export_template(self.azure, wanted.source)
        target = template.build_template(exported.template, source, wanted)
        place = DeploymentScope(SUBSCRIPTION, NORTH, f"move-{source.name}")
        await deployments.validate(self.azure, place, target)
        foretold = await deployments.what_if(self.azure, place, target)
        await deployments.deploy(self.azure, place, target, source.id)
        there = wanted.source.model_copy(update={"name": wanted.target.name, "resource_group": NORTH})
        made = await registries.read_registry(self.azure, there)
        return Moved(self.azure, wanted, source, target, foretold, made)

    async def source(
        self, *children: tuple[str, Json], properties: Json | None = None, request: Json | None = None, **body: Any
    ) -> tuple[str, RelocationRequest]:
        """The source's id, and the request to move it."""
        await self._surroundings()
        number = next(self._numbers)
        wanted = parse_request(
            {
                "source": {"subscription_id": SUBSCRIPTION, "resource_group": WEST, "name": f"round{number:04}"},
                "target": {"resource_group": NORTH, "name": f"moved{number:04}", "location": "northeurope"},
                **(request or {}),
            }
        )
        source_id = wanted.source.resource_id
        whole = {"location": "westeurope", "sku": {"name": "Premium"}, "properties": properties or {}, **body}
        await self.put(source_id, PREVIEW, whole)
        for path, child in children:
            version = TASKS[1] if path.split("/")[0] in TASK_KINDS else PREVIEW
            own = json.loads(json.dumps(child).replace("{id}", source_id))
            await self.put(f"{source_id}/{path}", version, own)
        return source_id, wanted

    async def put(self, path: str, version: str, body: Json) -> Json:
        """The resource is there."""
        return await self.azure.arm.put(path, version, body, doing="Making a resource")

    async def identity_of(self, side: str) -> str:
        """The client id of that side's user-assigned identity."""
        await self._surroundings()
        found = await self.azure.arm.get(identity(side), "2023-01-31", doing="Reading an identity")
        return str(found["properties"]["clientId"])

    async def private_endpoint(self, source_id: str) -> str:
        """A private endpoint to the source with its zone group; its id."""
        endpoint = f"{group(WEST)}/providers/Microsoft.Network/privateEndpoints/pe-{source_id.rpartition('/')[2]}"
        link = {"privateLinkServiceId": source_id, "groupIds": ["registry"]}
        properties = {
            "subnet": {"id": subnet(WEST, "endpoints")},
            "privateLinkServiceConnections": [{"name": "acr", "properties": link}],
        }
        await self.put(endpoint, "2024-05-01", {"location": "westeurope", "properties": properties})
        config = {"name": "acr", "properties": {"privateDnsZoneId": ZONE}}
        zones = {"properties": {"privateDnsZoneConfigs": [config]}}
        await self.put(f"{endpoint}/privateDnsZoneGroups/default", "2024-05-01", zones)
        return endpoint

    async def _surroundings(self) -> None:
        for side, region in REGIONS.items():
            await deployments.ensure_resource_group(self.azure, SUBSCRIPTION, side, region)
            if await self.azure.arm.find(storage(side), "2024-01-01", doing="Looking") is None:
                await self._one_side(side, region)
        if await self.azure.arm.find(ZONE, "2024-06-01", doing="Looking") is None:
            await self.put(ZONE, "2024-06-01", {"location": "global", "properties": {}})
            await self.put(WORKSPACE, "2023-09-01", {"location": "westeurope", "properties": {}})

    async def _one_side(self, side: str, region: str) -> None:
        number = list(REGIONS).index(side)
        subnets = [
            {"name": name, "properties": {"addressPrefix": f"10.{number}.{index}.0/24"}}
            for index, name in enumerate(("apps", "endpoints", "agents"))
        ]
        space = {"addressSpace": {"addressPrefixes": [f"10.{number}.0.0/16"]}, "subnets": subnets}
        await self.put(subnet(side).rpartition("/subnets/")[0], "2024-05-01", {"location": region, "properties": space})
        await self.put(identity(side), "2023-01-31", {"location": region})
        await self.put(storage(side), "2024-01-01", {"location": region, "properties": {}})
        namespace = hub_rule(side).rpartition("/authorizationRules/")[0]
        await self.put(namespace, "2024-01-01", {"location": region, "properties": {}})
        await self.put(hub_rule(side), "2024-01-01", {"properties": {"rights": ["Send"]}})
