"""Makes registries in the embedded Azure and pushes to them, as anybody would: over ARM and the distribution API."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.request.registry_refs import RegistryRef
from local_azure.launcher import Emulator

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = "contract-tests"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"


class RegistryFactory:
    """Registries with content, each with a name of its own."""

    def __init__(self, azure: AzureConnection, emulator: Emulator, numbers: Iterator[int]) -> None:
        self.azure = azure
        self.emulator = emulator
        self._numbers = numbers

    async def registry(self, location: str = "westeurope", **properties: Any) -> RegistryRef:
        """A new Premium registry."""
        await deployments.ensure_resource_group(self.azure, SUBSCRIPTION, GROUP, "westeurope")
        ref = RegistryRef(subscription_id=SUBSCRIPTION, resource_group=GROUP, name=f"contract{next(self._numbers):04}")
        body = {"location": location, "sku": {"name": "Premium"}, "properties": properties}
        await self.azure.arm.put(ref.resource_id, "2025-11-01", body, doing="Making a registry")
        return ref

    async def grant(self, ref: RegistryRef, role: str, principal: str, kind: str = "ServicePrincipal") -> None:
        """The principal has the built-in role at the registry."""
        definition = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        name = uuid.uuid5(uuid.UUID(role), principal + ref.name)
        path = f"{ref.resource_id}/providers/Microsoft.Authorization/roleAssignments/{name}"
        properties = {"roleDefinitionId": definition, "principalId": principal, "principalType": kind}
        await self.azure.arm.put(path, "2022-04-01", {"properties": properties}, doing="Granting a role")

    def plane(self, ref: RegistryRef) -> DataPlane:
        """The registry's content."""
        return self.azure.data_plane(f"{ref.name}.azurecr.io")

    def pushed(self, ref: RegistryRef) -> "Pusher":
        """A client that pushes to the registry."""
        return Pusher(self.plane(ref))

    async def bring(self, source: RegistryRef, target: RegistryRef, item: ImportItem, **options: Any) -> None:
        """The item is imported."""
        options = {"force": False, "timeout": 30, **options}
        await registries.import_image(self.azure, target.resource_id, source.resource_id, item, **options)


class Pusher:
    """Pushes small images, indexes and referrers to one registry."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane

    async def image(self, repository: str, *tags: str, text: str = "", docker: bool = False) -> str:
        """An image with one layer of that text; its digest."""
        config = await self._blob(repository, json.dumps({"architecture": "amd64", "os": "linux", "is": text}).encode())
        layer = await self._blob(repository, (text or repository).encode())
        types = (DOCKER_MANIFEST, DOCKER_CONFIG) if docker else (OCI_MANIFEST, OCI_CONFIG)
        layer_type = "application/vnd.oci.image.layer.v1.tar+gzip"
        body = {
            "schemaVersion": 2,
            "mediaType": types[0],
            "config": {"mediaType": types[1], **config},
            "layers": [{"mediaType": layer_type, **layer}],
        }
        return await self.manifest(repository, body, *tags)

    async def index(self, repository: str, children: list[str], *tags: str) -> str:
        """An index of what is there; its digest."""
        entries = [
            {
                "mediaType": OCI_MANIFEST,
                "digest": child,
                "size": 500,
                "platform": {"architecture": "amd64", "os": "linux"},
            }
            for child in children
        ]
        return await self.manifest(
            repository, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}, *tags
        )

    async def referrer(
        self,
        repository: str,
        subject: str,
        *tags: str,
        kind: str = "application/vnd.example.sbom",
        annotations: dict[str, str] | None = None,
    ) -> str:
        """An artifact that refers to the subject; its digest."""
        empty = await self._blob(repository, b"{}")
        body = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": kind,
            "config": {"mediaType": EMPTY, **empty},
            "layers": [{"mediaType": EMPTY, **empty}],
            "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 500},
        }
        noted = {"annotations": annotations} if annotations else {}
        return await self.manifest(repository, body | noted, *tags)

    async def manifest(self, repository: str, body: dict[str, Any], *tags: str) -> str:
        """The manifest under the tags, or under its digest alone; its digest."""
        data = json.dumps(body).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        for reference in tags or (digest,):
            path = f"/v2/{repository}/manifests/{reference}"
            await self._send("PUT", path, repository, data, body["mediaType"])
        return digest

    async def _blob(self, repository: str, data: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        path = f"/v2/{repository}/blobs/uploads/?digest={quote(digest)}"
        await self._send("POST", path, repository, data, "application/octet-stream")
        return {"digest": digest, "size": len(data)}

    async def _send(self, method: str, path: str, repository: str, data: bytes, media_type: str) -> None:
        token = await self._plane._tokens.access(f"repository:{repository}:pull,push")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
        reply = await self._plane._wire.send(method, path, kind="writes", doing="Pushing", headers=headers, data=data)
        assert reply.status == 201, (reply.status, reply.content)
