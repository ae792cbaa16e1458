"""A small client of a registry's data plane, over plain HTTP: what the tests push with and look through."""

import hashlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from local_azure.state import settings

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OWNER = (settings.OWNER_CLIENT_ID, settings.OWNER_SECRET)
READER = (settings.READER_CLIENT_ID, settings.READER_SECRET)
ALL = "pull,push,delete,metadata_read,metadata_write"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def image(config: bytes, *layers: bytes, **extra: Any) -> bytes:
    """The manifest of an image with these blobs."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **_blob(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **_blob(layer)} for layer in layers],
    }
    return json.dumps(document | extra).encode()


def index(*manifests: bytes) -> bytes:
    """The index of these manifests."""
    listed = [refer(manifest) for manifest in manifests]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}).encode()


def refer(manifest: bytes) -> dict[str, Any]:
    """How another manifest refers to this one."""
    return {"mediaType": json.loads(manifest)["mediaType"], **_blob(manifest)}


def _blob(data: bytes) -> dict[str, Any]:
    return {"digest": digest_of(data), "size": len(data)}


class Answer:
    """An answer that was read to its end."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """Status and code of the first error."""
        return self.status, self.json["errors"][0]["code"]


class DataPlane:
    """One registry, as one user; every request gets a token for exactly what it needs."""

    def __init__(self, session: aiohttp.ClientSession, server: str, user: tuple[str, str] | None) -> None:
        self._session, self.server, self._user = session, server, user
        self._tokens: dict[str, str] = {}

    async def send(self, method: str, path: str, scope: str = "", **options: Any) -> Answer:
        """One request; `scope` such as `repository:app:pull` decides the token, none goes without."""
        headers = {**options.pop("headers", {})}
        if scope:
            headers["Authorization"] = f"Bearer {await self.token(scope)}"
        url = path if path.startswith("https:") else f"https://{self.server}{path}"
        async with self._session.request(method, url, headers=headers, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def token(self, scope: str) -> str:
        if scope not in self._tokens:
            answer = await self.token_answer(scope)
            assert answer.status == 200, answer.body
            self._tokens[scope] = answer.json["access_token"]
        return self._tokens[scope]

    async def token_answer(self, scope: str) -> Answer:
        headers = {"Authorization": f"Basic {b64encode(':'.join(self._user).encode()).decode()}"} if self._user else {}
        return await self.send("GET", f"/oauth2/token?service={self.server}&scope={scope}", headers=headers)

    async def push_blob(self, repository: str, data: bytes) -> None:
        scope = f"repository:{repository}:{ALL}"
        answer = await self.send("POST", f"/v2/{repository}/blobs/uploads/?digest={digest_of(data)}", scope, data=data)
        assert answer.status == 201, answer.body

    async def push(self, repository: str, manifest: bytes, reference: str = "") -> Answer:
        """The manifest only."""
        media_type = json.loads(manifest)["mediaType"]
        path = f"/v2/{repository}/manifests/{reference or digest_of(manifest)}"
        scope = f"repository:{repository}:{ALL}"
        return await self.send("PUT", path, scope, data=manifest, headers={"Content-Type": media_type})

    async def push_image(self, repository: str, label: str, *tags: str, **extra: Any) -> bytes:
        """A whole image, different for each label."""
        config, layer = json.dumps({"architecture": "amd64", "os": "linux", "label": label}).encode(), b"layer"
        await self.push_blob(repository, config)
        await self.push_blob(repository, layer)
        manifest = image(config, layer, **extra)
        for reference in tags or ("",):
            answer = await self.push(repository, manifest, reference)
            assert answer.status == 201, answer.body
        return manifest

    async def pages(self, path: str, key: str, scope: str) -> list[list[Any]]:
        """Every page of a listing, following its Links."""
        found = []
        while path:
            answer = await self.send("GET", path, scope)
            found.append(answer.json[key])
            link = answer.headers.get("Link", "")
            path = link[1 : link.index(">")] if link else ""
        return found


@asynccontextmanager
async def data_plane(server: str, user: tuple[str, str] | None = OWNER) -> AsyncIterator[DataPlane]:
    """A client for the length of the block."""
    async with aiohttp.ClientSession(trust_env=True) as session:
        yield DataPlane(session, server, user)
