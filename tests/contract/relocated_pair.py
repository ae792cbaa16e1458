"""A registry with all its surroundings, relocated and cut over through the Azure ring; and what differs then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.content import blobs, listing
from acr_relocate.azure.discovery import dependents, webhook_callbacks
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.core import cut_over as cut_overs
from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.content.locks import lock_changes
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target import template
from acr_relocate.core.verification import (
    BlobCheck,
    Difference,
    RegistrySnapshot,
    SnapshotPair,
    compare_any,
    compare_blobs,
    compare_relocated,
    compare_surroundings,
    to_read,
)
from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.contract.registry_factory import SUBSCRIPTION, Pusher

HERE: Final = f"/subscriptions/{SUBSCRIPTION}"
WEST: Final = f"{HERE}/resourceGroups/contoso-west/providers"
NORTH: Final = f"{HERE}/resourceGroups/contoso-network-north/providers"
SOURCE: Final = f"{WEST}/Microsoft.ContainerRegistry/registries/contosoregistry"
NETS: Final = {
    f"{WEST}/Microsoft.Network/virtualNetworks/contoso-vnet/subnets/{name}": (
        f"{NORTH}/Microsoft.Network/virtualNetworks/contoso-vnet-north/subnets/{name}"
    )
    for name in ("apps", "endpoints")
}
# The host numbers of no addresses that Azure would give out by itself.
FIXED: Final = {
    f"{WEST}/Microsoft.Network/privateEndpoints/contoso-acr-pe": {
        "registry": "10.20.1.50",
        "registry_data_northeurope": "10.20.1.51",
        "registry_data_francecentral": "10.20.1.52",
    }
}
REQUEST: Final = parse_request(
    {
        "source": {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": "contosoregistry"},
        "target": {"resource_group": "contoso-network-north", "name": "contosonorth", "location": "northeurope"},
        "selection": {"repositories": ["platform/*", "legacy/*", "team-a/*"]},
        "subnets": NETS,
        "static_addresses": FIXED,
    }
)
THERE: Final = RegistryRef(
    subscription_id=SUBSCRIPTION, resource_group=REQUEST.target.resource_group, name=REQUEST.target.name
)
TARGET: Final = THERE.resource_id
ALERT: Final = f"{WEST}/Microsoft.Insights/metricAlerts/storage-is-full"
IN_GROUP: Final = f"{WEST}/Microsoft.Insights/activityLogAlerts/somebody-deletes"
IN_QUERY: Final = f"{WEST}/Microsoft.Insights/scheduledQueryRules/failed-logins"
RULE: Final = f"{WEST}/Microsoft.AlertsManagement/actionRules/no-noise"
VAULT: Final = f"{NORTH}/Microsoft.KeyVault/vaults/contosovault"
READER: Final = "88888888-8888-8888-8888-888888888888"


Plant = Callable[["Relocated"], Awaitable[None] | None]


@dataclass
class Relocated:
    """The pair, to plant differences in. `source` is what was seen of the source while all was well."""

    emulator: Emulator
    azure: AzureConnection
    source: RegistrySnapshot

    @property
    def there(self) -> DataPlane:
        """The target's content."""
        return self.azure.data_plane(f"{THERE.name}.azurecr.io")

    @property
    def here(self) -> DataPlane:
        """The source's content."""
        return self.azure.data_plane("contosoregistry.azurecr.io")

    def push(self, plane: DataPlane) -> Pusher:
        """A client that pushes there."""
        return Pusher(plane)

    def digest(self, repository: str, tag: str, registry: str = THERE.name) -> str:
        """Return the digest of a tag, by the emulator's own books."""
        return str(self.emulator.content(registry)["repositories"][repository]["tags"][tag])

    def resource(self, resource_id: str) -> dict[str, Any]:
        """A resource as Azure has it."""
        found: dict[str, Any] = next(
            one for one in self.emulator.resources() if one["id"].lower() == resource_id.lower()
        )
        return found

    def manifests(self, repository: str) -> dict[str, Any]:
        """The target's manifests in the repository by digest, by the emulator's own books."""
        held: dict[str, Any] = self.emulator.content(THERE.name)["repositories"][repository]["manifests"]
        return held

    def untagged(self, repository: str) -> str:
        """A manifest that no tag, index or referrer names."""
        held = self.manifests(repository)
        used = {child for one in held.values() for child in one.get("children", ())}
        subjects = {one.get("subject") for one in held.values()}
        return next(
            digest
            for digest, one in sorted(held.items())
            if not one["tags"] and digest not in used and digest not in subjects and not one.get("subject")
        )

    def child(self, repository: str, tag: str) -> str:
        """The last part of an index."""
        return str(self.manifests(repository)[self.digest(repository, tag)]["children"][-1])

    def referrer(self, repository: str) -> str:
        """A referrer that nothing refers to."""
        held = self.manifests(repository)
        subjects = {one.get("subject") for one in held.values()}
        return next(digest for digest, one in sorted(held.items()) if one.get("subject") and digest not in subjects)

    async def layer(self, repository: str, tag: str) -> str:
        """The last layer of a plain image."""
        body = await self.there.manifest(repository, self.digest(repository, tag)) or {}
        return str(body["layers"][-1]["digest"])

    async def delete(self, path: str) -> None:
        """A tag, a manifest or a repository of the target is deleted, by the rules."""
        plane = self.there
        token = await plane._tokens.access(f"repository:{path.partition('/_')[0]}:delete")
        headers = {"Authorization": f"Bearer {token}"}
        reply = await plane._wire.send("DELETE", f"/acr/v1/{path}", kind="writes", doing="Planting", headers=headers)
        assert reply.status == 202, (reply.status, reply.content)

    async def tag(self, repository: str, digest: str, tag: str) -> None:
        """The target's tag names this digest."""
        body = await self.there.manifest(repository, digest)
        await Pusher(self.there).manifest(repository, body or {}, tag)

    def of_type(self, kind: str, having: str) -> str:
        """The id of the one resource of the type whose id or settings say so."""
        (found,) = [one["id"] for one in self.emulator.resources(kind) if having.lower() in str(one).lower()]
        return str(found)

    def role(self, role: str, scope: str = TARGET) -> str:
        """The id of a role assignment at the target, or at another scope."""
        held = self.emulator.resources("Microsoft.Authorization/roleAssignments")
        return str(
            next(
                one["id"]
                for one in held
                if one["properties"]["scope"] == scope and one["properties"]["roleDefinitionId"].endswith(role)
            )
        )

    def force(self, path: str = "", **properties: Any) -> None:
        """Properties of the target or of its child at the path, against all rules."""
        self.emulator.plant(f"{TARGET}/{path}".rstrip("/"), properties=properties)

    def uproot(self, path: str) -> None:
        """The target's child at the path is gone."""
        self.emulator.uproot(f"{TARGET}/{path}")

    async def lock(self, repository: str, path: str = "", **attributes: bool) -> None:
        """Attributes at the target, all others on."""
        await self.there.set_attributes(repository, path, Attributes(**attributes))


async def relocate(emulator: Emulator, azure: AzureConnection, file: Path) -> Relocated:
    """The pair in which nothing differs; its state is in the file."""
    _plant_more(emulator)
    source = await look(azure, REQUEST.source, REQUEST)
    exported = await deployments.export_template(azure, REQUEST.source)
    target = template.build_template(exported.template, source.registry, REQUEST)
    await deployments.deploy(azure, DeploymentScope(SUBSCRIPTION, THERE.resource_group, "pair"), target, SOURCE)
    have = (await look(azure, THERE, REQUEST)).content
    for item in needed(source.content, have, REQUEST.selection).items:
        await registries.import_image(azure, TARGET, SOURCE, item, force=False, timeout=60)
    have = (await look(azure, THERE, REQUEST)).content
    for change in lock_changes(source.content, have):
        plane = azure.data_plane(have.login_server)
        await plane.set_attributes(change.repository, change.reference, change.attributes)
    drawn = cut_overs.build_cut_over(source.registry, source.around, REQUEST)
    for action in (*drawn.actions, *drawn.deferred):
        await cut_over.apply_action(azure, action)
    emulator.save(file)
    return Relocated(emulator, azure, await look(azure, REQUEST.source, REQUEST))


def _plant_more(emulator: Emulator) -> None:
    """Add what the lifelike seed lacks: a lock, an alert rule, a rule that signs in, and a vault that lets it."""
    lock = f"{SOURCE}/providers/Microsoft.Authorization/locks/keep"
    emulator.plant(lock, properties={"level": "CanNotDelete", "notes": ""})
    action = {"actionGroupId": f"{WEST}/Microsoft.Insights/actionGroups/on-call"}
    alert = {"scopes": [SOURCE], "enabled": True, "targetResourceRegion": "westeurope", "actions": [action]}
    emulator.plant(ALERT, location="global", properties=alert)
    condition = {"allOf": [{"field": "operationName", "equals": "Microsoft.ContainerRegistry/registries/delete"}]}
    told = {"actionGroups": [action]}
    deleted = {"scopes": [WEST.removesuffix("/providers")], "condition": condition, "actions": told, "enabled": True}
    emulator.plant(IN_GROUP, location="global", properties=deleted)
    query = "ContainerRegistryLoginEvents | where LoginServer == 'contosoregistry.azurecr.io' and ResultType != '200'"
    criteria = {"allOf": [{"query": query, "threshold": 5, "operator": "GreaterThan"}]}
    workspace = f"{WEST}/Microsoft.OperationalInsights/workspaces/contoso-logs"
    failed = {"scopes": [workspace], "criteria": criteria, "enabled": True}
    emulator.plant(IN_QUERY, location="westeurope", properties=failed)
    nightly = {"recurrences": [{"recurrenceType": "Daily", "startTime": "01:00:00", "endTime": "02:00:00"}]}
    quiet = {"scopes": [SOURCE], "schedule": nightly, "actions": [{"actionType": "RemoveAllActionGroups"}]}
    emulator.plant(RULE, location="Global", properties=quiet | {"enabled": True})
    policy = {"tenantId": settings.TENANT_ID, "objectId": READER, "permissions": {"secrets": ["get"]}}
    vault = {"vaultUri": "https://contosovault.vault.azure.net/", "accessPolicies": [policy]}
    emulator.plant(VAULT, location="northeurope", properties=vault)
    secret = "https://contosovault.vault.azure.net/secrets/hub"
    credential = {"name": "Credential1", "usernameSecretIdentifier": secret, "passwordSecretIdentifier": secret}
    emulator.plant(
        f"{SOURCE}/credentialSets/dockerhub",
        identity={"type": "SystemAssigned", "principalId": READER},
        properties={"loginServer": "docker.io", "authCredentials": [credential]},
    )
    hub = {"sourceRepository": "docker.io/library/alpine", "targetRepository": "cache/alpine"}
    emulator.plant(
        f"{SOURCE}/cacheRules/dockerhub",
        properties=hub | {"credentialSetResourceId": f"{SOURCE}/credentialSets/dockerhub"},
    )
    emulator.plant(f"{SOURCE}/webhooks/deployfrontend", tags={"team": "shop"})
    role = f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    own = {"principalId": READER, "roleDefinitionId": role, "scope": SOURCE, "principalType": "ServicePrincipal"}
    emulator.plant(f"{SOURCE}/providers/Microsoft.Authorization/roleAssignments/{READER}", properties=own)


async def look(azure: AzureConnection, ref: RegistryRef, request: RelocationRequest) -> RegistrySnapshot:
    """All that verification looks at, of one registry."""
    registry = await registries.read_registry(azure, ref)
    content, around = await asyncio.gather(
        listing.list_content(azure.data_plane(registry.login_server), request.selection),
        dependents.read_surroundings(azure, registry),
    )
    return RegistrySnapshot(registry=registry, content=content, around=around, seen_at=datetime.now(UTC))


async def differences(pair: Relocated, *, blobs_too: bool = False, source_too: bool = False) -> tuple[Difference, ...]:
    """Verify now. The source is only looked at again if something was planted there."""
    source = await look(pair.azure, REQUEST.source, REQUEST) if source_too else pair.source
    both = await _both(pair, source)
    read = await _blobs(pair, both.target) if blobs_too else ()
    return (*compare_relocated(both, REQUEST, finished=True), *compare_surroundings(both, REQUEST), *read)


async def plainly(pair: Relocated) -> tuple[Difference, ...]:
    """Compare now without a request, at the target."""
    return compare_any(await _both(pair, pair.source), REQUEST.selection)


async def _both(pair: Relocated, source: RegistrySnapshot) -> SnapshotPair:
    target = await look(pair.azure, THERE, REQUEST)
    called = await webhook_callbacks.read_callbacks(pair.azure, source.registry, target.registry)
    return SnapshotPair(source=source, target=target, callbacks=called)


async def _blobs(pair: Relocated, target: RegistrySnapshot) -> tuple[Difference, ...]:
    chosen = to_read(target.content, Selection(), BlobCheck(every=True))
    pages = [await blobs.read_blobs(pair.there, page.repository, page.digests) for page in chosen]
    return compare_blobs(one for page in pages for one in page.wrong)
