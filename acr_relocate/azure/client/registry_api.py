"""One registry's content, over its own API: `/v2/` (OCI distribution 1.1) and `/acr/v1`.

Our own client, because Azure's signs in again on every page and lacks referrers and a complete listing.
Look-ups are present, absent or unknown: a value, None, or an error. A 403 or a 429 is never "absent".
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import aiohttp

from acr_relocate.azure.client.manifest_bodies import manifest_body
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.azure.client.registry_http import RegistryHttp, RegistryResponse, digest_of_stream, read_part
from acr_relocate.azure.client.registry_paths import (
    byte_range,
    digest_of,
    manifest_path,
    next_page,
    paging,
    upload_place,
)
from acr_relocate.azure.client.registry_tokens import RegistryIdentity, RegistryTokens, not_allowed
from acr_relocate.azure.client.repository_names import named_there
from acr_relocate.core.errors import ListingIncomplete, NotFound, TemporaryFailure
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap

Json = dict[str, Any]

CATALOGUE_SCOPE: Final = "registry:catalog:*"
MANIFEST_TYPES: Final = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.artifact.manifest.v1+json",
        "application/vnd.cncf.oras.artifact.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    )
)


class RawManifest(NamedTuple):
    """A manifest as stored in a registry: its digest is that of these bytes."""

    content: bytes
    media_type: str


class DataPlane:
    """The content of one registry, for one identity. Repositories are named as at the source (`names`)."""

    def __init__(
        self, login_server: str, session: aiohttp.ClientSession, identity: RegistryIdentity, budgets: RateLimits
    ) -> None:
        self.login_server = login_server
        self.names = AS_AT_SOURCE
        self._wire = RegistryHttp(login_server, session, budgets)
        self._tokens = RegistryTokens(self._wire, identity)

    def named(self, names: RenameMap) -> DataPlane:
        """Return the same client for a registry in which the source's repositories have other names."""
        plane = copy.copy(self)
        plane.names = names
        return plane

    async def repositories(self) -> list[str]:
        """Return all names in the catalogue.

        A page that was cut looks like the last one. So the end is confirmed twice: by a page without a next link, and
        by an empty page after the last name.
        """
        names: list[str] = []
        ends_seen = 0
        while ends_seen < 2:
            path = f"/acr/v1/_catalog?{paging(last=names[-1] if names else '')}"
            doing = f"Listing the repositories of {self.login_server}"
            found = [name async for name in self._listed(path, "repositories", CATALOGUE_SCOPE, doing)]
            if not set(found).isdisjoint(names):
                raise ListingIncomplete(f"{doing} failed: the pages go in a circle", resource=self.login_server)
            names += found
            ends_seen = 1 if found else ends_seen + 1
        return self.names.own(names)

    @named_there
    async def repository(self, name: str) -> Json | None:
        """Return the repository's counts and attributes, or None if it does not exist."""
        return await self._found(f"/acr/v1/{name}", reading(name), f"Reading {self.login_server}/{name}")

    @named_there
    def tags(self, name: str, order: str = "") -> AsyncIterator[Json]:
        """Yield the repository's tags, as `/acr/v1` lists them, page by page, in default or the given order."""
        path, doing = f"/acr/v1/{name}/_tags?{paging(order)}", f"Listing the tags of {self.login_server}/{name}"
        return self._listed(path, "tags", reading(name), doing)

    @named_there
    def manifests(self, name: str, order: str = "") -> AsyncIterator[Json]:
        """Yield the repository's manifests, tagged or not, page by page; `order` as of tags."""
        doing = f"Listing the manifests of {self.login_server}/{name}"
        path = f"/acr/v1/{name}/_manifests?{paging(order)}"
        return self._listed(path, "manifests", reading(name), doing)

    @named_there
    async def newest_manifests(self, name: str, count: int) -> list[Json]:
        """Return the manifests that were last pushed or changed, newest first; none without such a repository."""
        doing = f"Looking for what is new in {self.login_server}/{name}"
        found = await self._found(f"/acr/v1/{name}/_manifests?n={count}&orderby=timedesc", reading(name), doing)
        return list((found or {}).get("manifests") or ())

    @named_there
    async def listed_manifest(self, name: str, digest: str) -> Json | None:
        """Return one manifest as `/acr/v1` lists it, also if it is hidden from lists; None if it does not exist."""
        doing = f"Reading the listing of {name}@{digest} at {self.login_server}"
        found = await self._found(f"/acr/v1/{name}/_manifests/{digest}", reading(name), doing)
        return None if found is None else found.get("manifest")

    @named_there
    async def manifest(self, name: str, reference: str) -> Json | None:
        """Return the manifest under a tag or digest, or None. By digest, its bytes are checked against it."""
        doing = f"Reading {self.login_server}/{name}:{reference}"
        reply = await self._manifest(name, reference, doing)
        if reply is not None and reference.startswith("sha256:"):
            return manifest_body(reply.content)  # they are these bytes: what is wrong with them was pushed so
        return None if reply is None else reply.json(doing)

    @named_there
    async def raw_manifest(self, name: str, digest: str) -> RawManifest | None:
        """Return the manifest's exact bytes, which have this digest, or None."""
        reply = await self._manifest(name, digest, f"Reading {self.login_server}/{name}@{digest}")
        return None if reply is None else RawManifest(reply.content, reply.headers.get("Content-Type", ""))

    @named_there
    async def put_manifest(self, name: str, reference: str, manifest: RawManifest) -> None:
        """Store these bytes under the tag or digest. Again: the same call with the same effect.

        Raises AccessDenied without the right to push, NotFound if a listed part is missing.
        """
        doing = f"Pushing the manifest {self.login_server}/{name}:{reference}"
        path, headers = manifest_path(name, reference), {"Content-Type": manifest.media_type}
        scope = f"repository:{name}:pull,push"
        if await self._call("PUT", path, scope, doing, kind="writes", headers=headers, data=manifest.content) is None:
            raise NotFound(
                f"{doing} failed: a part that it lists is not there",
                code="MANIFEST_UNKNOWN",
                resource=self.login_server,
                remedy="See why the import of its parts failed, then run again.",
            )

    @named_there
    async def head_digest(self, name: str, reference: str) -> str | None:
        """Return the digest that a pull of the tag or digest would give, or None."""
        doing = f"Looking for {self.login_server}/{name}:{reference}"
        reply = await self._call("HEAD", manifest_path(name, reference), reading(name), doing, accept=MANIFEST_TYPES)
        if reply is None:
            return None
        digest = reply.headers.get("Docker-Content-Digest", "")
        if not digest:
            raise TemporaryFailure(f"{doing} failed: the answer names no digest", resource=self.login_server)
        return digest

    @named_there
    async def blob_part(self, name: str, digest: str, first: int, last: int) -> bytes:
        """Return the bytes of the blob from `first` to `last`, both included. Raises NotFound."""
        doing = f"Reading the blob {self.login_server}/{name}@{digest}"
        headers, path = {"Range": f"bytes={first}-{last}"}, f"/v2/{name}/blobs/{digest}"
        reply = await self._call("GET", path, reading(name), doing, headers=headers, read=read_part)
        if reply is None:
            raise NotFound(f"{doing} failed: it is not there", code="BLOB_UNKNOWN", resource=self.login_server)
        return reply.content if reply.status == 206 else reply.content[first : last + 1]

    @named_there
    async def put_blob(self, name: str, digest: str, parts: AsyncIterable[bytes]) -> None:
        """Upload the blob, the last part with the call that ends it. Again: a new upload. Raises AccessDenied."""
        doing, scope = f"Pushing the blob {self.login_server}/{name}@{digest}", f"repository:{name}:pull,push"
        place = upload_place(await self._call("POST", f"/v2/{name}/blobs/uploads/", scope, doing, kind="writes"))
        sent, last = 0, b""
        async for part in parts:
            if last:
                sized = byte_range(last, sent)
                reply = await self._call("PATCH", place, scope, doing, kind="writes", headers=sized, data=last)
                place = upload_place(reply)
                sent += len(last)
            last = part
        end = f"{place}{'&' if '?' in place else '?'}{urlencode({'digest': digest})}"
        await self._call("PUT", end, scope, doing, kind="writes", headers=byte_range(last, sent), data=last)

    @named_there
    async def blob_digest(self, name: str, digest: str) -> str | None:
        """Return the actual digest of the blob's bytes, or None without such a blob. The bytes are not kept."""
        doing = f"Reading the blob {self.login_server}/{name}@{digest}"
        reply = await self._call("GET", f"/v2/{name}/blobs/{digest}", reading(name), doing, read=digest_of_stream)
        return None if reply is None else reply.content.decode()

    @named_there
    async def has_blob(self, name: str, digest: str, size: int | None = None) -> bool:
        """Return whether the registry has the blob, with this size if its answer gives one. Its bytes are not read."""
        doing = f"Looking for the blob {self.login_server}/{name}@{digest}"
        reply = await self._call("HEAD", f"/v2/{name}/blobs/{digest}", reading(name), doing)
        if reply is None:
            return False
        told = reply.headers.get("Content-Length") if reply.status == 200 else None
        return told is None or size is None or int(told) == size

    @named_there
    async def referrers(self, name: str, digest: str) -> list[Json]:
        """Return the descriptors of the digest's referrers: signatures, SBOMs, attestations."""
        path, doing = f"/v2/{name}/referrers/{digest}", f"Listing the referrers of {self.login_server}/{name}@{digest}"
        return [entry async for entry in self._listed(path, "manifests", reading(name), doing, kind="referrers")]

    @named_there
    async def set_attributes(self, name: str, reference: str, attributes: Attributes) -> None:
        """Set the lock attributes of the repository (reference ""), tag or manifest.

        Again: the same call with the same effect.
        """
        where = f"/_manifests/{reference}" if ":" in reference else f"/_tags/{quote(reference)}" if reference else ""
        body = {name.replace("_enabled", "Enabled"): enabled for name, enabled in attributes}
        doing = f"Setting the lock attributes of {self.login_server}/{name} {reference}".rstrip()
        scope = f"repository:{name}:metadata_read,metadata_write"
        if await self._call("PATCH", f"/acr/v1/{name}{where}", scope, doing, kind="writes", json=body) is None:
            raise NotFound(f"{doing} failed: it does not exist", resource=self.login_server)

    @named_there
    async def delete(self, name: str, reference: str = "") -> None:
        """Delete a tag, a manifest with its tags and referrers, or the whole repository. Again: nothing is left."""
        path = f"/acr/v1/{name}/_tags/{quote(reference)}" if reference else f"/acr/v1/{name}"
        path = f"/v2/{name}/manifests/{reference}" if ":" in reference else path
        doing, scope = f"Deleting {self.login_server}/{name} {reference}".rstrip(), f"repository:{name}:delete"
        await self._call("DELETE", path, scope, doing, kind="writes")

    async def _listed(self, path: str, field: str, scope: str, doing: str, kind: str = "reads") -> AsyncIterator[Any]:
        """Yield the entries of all pages; none if the subject does not exist. Raises if the pages form a cycle."""
        seen: set[str] = set()
        following: str | None = path
        while following is not None:
            if following in seen:
                raise ListingIncomplete(f"{doing} failed: the pages go in a circle", resource=self.login_server)
            seen.add(following)
            reply = await self._call("GET", following, scope, doing, kind=kind)
            if reply is None:
                return
            for entry in reply.json(doing).get(field) or []:
                yield entry
            following = next_page(reply, following)

    async def _manifest(self, name: str, reference: str, doing: str) -> RegistryResponse | None:
        reply = await self._call("GET", manifest_path(name, reference), reading(name), doing, accept=MANIFEST_TYPES)
        if reply and reference.startswith("sha256:") and reference != digest_of(reply.content):
            raise TemporaryFailure(f"{doing} failed: the bytes do not have that digest", resource=self.login_server)
        return reply

    async def _found(self, path: str, scope: str, doing: str) -> Json | None:
        reply = await self._call("GET", path, scope, doing)
        return None if reply is None else reply.json(doing)

    async def _call(
        self,
        method: str,
        path: str,
        scope: str,
        doing: str,
        *,
        kind: str = "reads",
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> RegistryResponse | None:
        """Return the answer, or None for a 404. A rejected token is renewed once."""
        for is_second in (False, True):
            signed = {
                "Authorization": f"Bearer {await self._tokens.access(scope)}",
                "Accept": accept,
                **(headers or {}),
            }
            reply = await self._wire.send(method, path, kind=kind, doing=doing, headers=signed, **body)
            if reply.status != 401 or is_second:
                break
            self._tokens.forget(scope)
        if reply.status == 404:
            return None
        if reply.status == 401:
            raise not_allowed(doing, self.login_server)  # it issued a token that does not allow this
        if reply.status >= 400:
            raise self._wire.error(reply, doing)
        return reply


def reading(repository: str) -> str:
    """Return the scope for all reads of a repository, so that one token is enough."""
    return f"repository:{repository}:metadata_read,pull"
