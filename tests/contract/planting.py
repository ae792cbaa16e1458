"""One small registry in the embedded Azure to plant faults in, and the plan's findings on it through the real ring."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Final

import pytest

from acr_relocate.azure.changes import restore_records
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection, CloudSettings
from acr_relocate.azure.client.unknown import complete_or_unknown
from acr_relocate.azure.content import listing
from acr_relocate.azure.content.pull_log import mark_pulls
from acr_relocate.azure.discovery import evidence, shared_target
from acr_relocate.azure.resources import registries
from acr_relocate.azure.resources.children import PREVIEW, TASKS
from acr_relocate.core.checks import PREFLIGHT, Evidence, evaluate, with_content
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from local_azure.launcher import Emulator
from local_azure.state import settings
from local_azure.state.roles import BY_NAME, DEFINITIONS
from tests.contract.registry_factory import Pusher

SUBSCRIPTION: Final = settings.SUBSCRIPTION_ID
HERE: Final = f"/subscriptions/{SUBSCRIPTION}"
WEST, NORTH, NET = (f"{HERE}/resourceGroups/{name}" for name in ("contoso-west", "contoso-north", "contoso-net"))
SOURCE: Final = RegistryRef(subscription_id=SUBSCRIPTION, resource_group="contoso-west", name="contosoregistry")
SOURCE_ID: Final = SOURCE.resource_id
SUBNET: Final = f"{NET}/providers/Microsoft.Network/virtualNetworks/north/subnets/apps"
OLD_SUBNET: Final = f"{WEST}/providers/Microsoft.Network/virtualNetworks/west/subnets/apps"
API: Final = "2024-05-01"


class Planting:
    """The registry contosoregistry with one image, and a group for the target. `request` may be changed by a fault."""

    def __init__(self, emulator: Emulator, azure: AzureConnection) -> None:
        self.emulator, self.azure = emulator, azure
        self.plane: DataPlane = azure.data_plane("contosoregistry.azurecr.io")
        self.push = Pusher(self.plane)
        self.target: dict[str, Any] = {
            "resource_group": "contoso-north",
            "name": "contosoregistryne",
            "location": "northeurope",
        }
        self.source = SOURCE
        self.fields: dict[str, Any] = {}
        self.reads_only = False

    @property
    def request(self) -> RelocationRequest:
        """The request as it is by now."""
        return RelocationRequest(source=self.source, target=TargetRef(**self.target), **self.fields)

    async def put(self, resource_id: str, api_version: str = API, **body: Any) -> dict[str, Any]:
        """A resource, by the rules."""
        return await self.azure.arm.put(resource_id, api_version, body, doing="Planting")

    async def child(self, path: str, location: str = "", **properties: Any) -> dict[str, Any]:
        """A child of the source, by the rules."""
        version = TASKS if path.startswith(("tasks", "agentPools")) else PREVIEW
        where = {"location": location} if location else {}
        return await self.put(f"{SOURCE_ID}/{path}", version, properties=properties, **where)

    async def set(self, **properties: Any) -> None:
        """Properties of the source, by the rules."""
        await self.azure.arm.patch(SOURCE_ID, PREVIEW, {"properties": properties}, doing="Planting")

    def force(self, resource_id: str = SOURCE_ID, **body: Any) -> None:
        """A resource, against all rules: what only a past or a broken Azure would have."""
        self.emulator.plant(resource_id, **body)

    def force_policy(self, **statuses: str) -> None:
        """Policies of the source, against all rules."""
        self.force(properties={"policies": {name: {"status": status} for name, status in statuses.items()}})

    async def lock(self, scope: str, level: str) -> None:
        """A management lock."""
        path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
        await self.put(path, "2020-05-01", properties={"level": level})

    async def group(self, name: str, location: str) -> None:
        """A resource group."""
        await self.azure.arm.put(
            f"{HERE}/resourcegroups/{name}", "2021-04-01", {"location": location}, doing="Planting"
        )

    async def subnet(self, **changes: Any) -> None:
        """The subnet of the target, ready but for the changes, mapped in the request."""
        await self.group("contoso-net", "northeurope")
        endpoint = {"service": "Microsoft.ContainerRegistry", "provisioningState": "Succeeded", "locations": ["*"]}
        properties = {"addressPrefix": "10.20.0.0/24", "serviceEndpoints": [endpoint]} | changes.pop("properties", {})
        body = {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}}
        network = {"location": "northeurope"} | changes
        subnets = [{"name": "apps", "properties": properties}]
        await self.put(SUBNET.partition("/subnets/")[0], **network, properties={**body, "subnets": subnets})
        self.fields["subnets"] = {OLD_SUBNET: SUBNET}

    async def identity(self, location: str = "northeurope") -> dict[str, Any]:
        """A user-assigned identity that the source has."""
        await self.group("contoso-net", "northeurope")
        path = f"{NET}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
        made = await self.put(path, "2023-01-31", location=location)
        self.force(identity={"type": "UserAssigned", "userAssignedIdentities": {path: {}}})
        return made

    async def grant(self, role: str, scope: str, principal: str = settings.READER_OBJECT_ID) -> None:
        """The principal has the role at the scope."""
        guid = uuid.uuid5(uuid.NAMESPACE_URL, f"{role}{scope}{principal}")
        definition = f"{HERE}{DEFINITIONS}{BY_NAME[role.lower()].id}"
        properties = {"roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal"}
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}"
        await self.put(path, "2022-04-01", properties=properties)

    async def as_custom(self, *actions: str, but: str) -> None:
        """The plan is made by the Reader, who instead of that role has one with these actions in the subscription."""
        self.reads_only = True
        for one in self.emulator.resources("Microsoft.Authorization/roleAssignments"):
            if one["properties"]["principalId"] == settings.READER_OBJECT_ID:
                await self.azure.arm.delete(one["id"], "2022-04-01", doing="Taking a role away")
        role = {"roleName": "custom", "assignableScopes": [HERE]}
        permission = {"actions": list(actions), "notActions": [but]}
        path = f"{HERE}{DEFINITIONS}{uuid.uuid5(uuid.NAMESPACE_URL, but)}"
        await self.put(path, "2022-04-01", properties={**role, "permissions": [permission]})
        properties = {"roleDefinitionId": path, "principalId": settings.READER_OBJECT_ID}
        await self.put(
            f"{HERE}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
            "2022-04-01",
            properties=properties,
        )

    async def as_reader(self, **roles: str) -> None:
        """The plan is made by the Reader, who has these further roles: at the source's and the target's group."""
        self.reads_only = True
        scopes = {"west": WEST, "north": NORTH, "source": SOURCE_ID}
        for name, granted in roles.items():
            for role in granted.split(";"):
                await self.grant(role, scopes[name])


async def gather(azure: AzureConnection, request: RelocationRequest) -> Evidence:
    """The evidence as the plan gathers it."""
    source = await shared_target.read_source(azure, request)
    ref = RegistryRef(
        subscription_id=request.target_subscription_id,
        resource_group=request.target.resource_group,
        name=request.target.name,
    )
    target = await registries.find_registry(azure, ref)
    found = await evidence.gather(azure, request, source, target)
    want = await complete_or_unknown(
        listing.list_content(azure.data_plane(source.login_server), request.selection, may_be_broken=True), "source"
    )
    have = (
        await complete_or_unknown(
            listing.list_content(azure.data_plane(target.login_server, request.names), request.selection), "target"
        )
        if target
        else None
    )
    if isinstance(want, Content):
        want = await mark_pulls(azure, request, want)
    hidden = await evidence.hidden_repositories(azure, source, want)
    groups = (source.id.partition("/providers/")[0],)
    pending = await restore_records.find_pending(azure, groups, source.id, request.target_id)
    return with_content(found, want, have, hidden, pending=pending)


async def findings(planting: Planting) -> tuple[Finding, ...]:
    """Return the plan's findings for the Owner, or for the Reader with a new sign-in."""
    planting.emulator.reset_stats()
    if not planting.reads_only:
        return evaluate(PREFLIGHT, await gather(planting.azure, planting.request))
    reader = {"AZURE_CLIENT_ID": settings.READER_CLIENT_ID, "AZURE_CLIENT_SECRET": settings.READER_SECRET}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in reader.items():
            patch.setenv(name, value)
        azure = AzureConnection(CloudSettings.from_environment())
    try:
        return evaluate(PREFLIGHT, await gather(azure, planting.request))
    finally:
        await azure.close()


async def start(emulator: Emulator, azure: AzureConnection, saved: Path) -> None:
    """The small registry, in a file."""
    planting = Planting(emulator, azure)
    await planting.group("contoso-north", "northeurope")
    await planting.push.image("app", "v1")
    emulator.save(saved)
