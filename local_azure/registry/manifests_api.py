"""/v2/: pulling, listing, pushing and deleting manifests as OCI distribution 1.1 has it (blobs are in blobs.py)."""

import json
import re
from typing import Any, Final

from aiohttp import web

from local_azure.registry.admission import CATALOGUE, AdmittedRequest, disallowed, enter
from local_azure.registry.pull_counts import count
from local_azure.state.content import Entry, Repository
from local_azure.state.errors import RegistryError
from local_azure.state.manifests import OCI_INDEX, InvalidManifestError, Manifest, digest_of, parse
from local_azure.state.responses import answer
from local_azure.state.throttling import registry_throttled
from local_azure.wire.paging import cut
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")  # OCI distribution 1.1, "pulling manifests"
API_VERSION: Final = {"Docker-Distribution-Api-Version": "registry/2.0"}


@ROUTES.route("GET HEAD", "/v2")
async def ping(call: Call) -> web.Response:
    """Answer that the caller has a token for this registry."""
    enter(call, "")
    return answer({}, headers=API_VERSION)


@ROUTES.route("GET", "/v2/_catalog")
@ROUTES.route("GET", "/acr/v1/_catalog")
async def catalogue(call: Call) -> web.Response:
    """List the names of the repositories, sorted."""
    visit = enter(call, CATALOGUE)
    repositories = visit.content.repositories
    names = (name for name in visit.content.names.after(call.query.get("last")) if repositories[name].attributes.list)
    page, link = cut(call, names, "catalogue")
    return answer({"repositories": page}, headers=link)


@ROUTES.route("GET", "/v2/{name:path}/tags/list")
async def list_tags(call: Call) -> web.Response:
    """List the tags of a repository, sorted."""
    name = call.params["name"]
    # Docker's clients come with `pull`, az with `metadata_read`; ACR takes either.
    visit = enter(call, f"repository:{name}:pull", instead=f"repository:{name}:metadata_read")
    repository = visit.repository(name)
    names = (tag for tag in repository.tag_names.after(call.query.get("last")) if repository.tags[tag].attributes.list)
    page, link = cut(call, names, "tags")
    return answer({"name": name, "tags": page}, headers=link)


@ROUTES.route("GET HEAD", "/v2/{name:path}/manifests/{reference}")
async def pull_manifest(call: Call) -> web.Response:
    """Answer with the manifest, byte for byte."""
    name, reference = call.params["name"], call.params["reference"]
    visit = enter(call, f"repository:{name}:pull")
    repository = visit.repository(name)
    entry = readable(repository, reference)
    manifest = entry.manifest
    if call.method == "GET":
        count(visit.registry, "pull", visit.now)
    headers = API_VERSION | {"Docker-Content-Digest": manifest.digest, "ETag": f'"{manifest.digest}"'}
    return web.Response(body=manifest.raw, headers=headers | {"Content-Type": manifest.media_type})


@ROUTES.route("PUT", "/v2/{name:path}/manifests/{reference}")
async def push_manifest(call: Call) -> web.Response:
    """Store the manifest, tagged if the reference is a tag."""
    name, reference = call.params["name"], call.params["reference"]
    visit = enter(call, f"repository:{name}:pull,push", "write")
    raw = await call.request.read()
    manifest = _parsed(raw, call.request.headers.get("Content-Type", "").partition(";")[0].strip())
    repository = visit.content.repository(name, visit.now)
    _check_push(repository, manifest, reference)
    repository.put_manifest(manifest, visit.now)
    count(visit.registry, "push", visit.now)
    if not reference.startswith("sha256:"):
        repository.put_tag(reference, manifest.digest, visit.now)
    headers = API_VERSION | {
        "Docker-Content-Digest": manifest.digest,
        "Location": f"/v2/{name}/manifests/{manifest.digest}",
    }
    return web.Response(status=201, headers=headers | ({"OCI-Subject": manifest.subject} if manifest.subject else {}))


@ROUTES.route("DELETE", "/v2/{name:path}/manifests/{reference}")
async def delete_manifest(call: Call) -> web.Response:
    """Delete the manifest with its tags and its referrers; or only the tag, if the reference is one."""
    name, reference = call.params["name"], call.params["reference"]
    visit = enter(call, f"repository:{name}:delete", "delete")
    repository = visit.repository(name)
    entry = found(repository, reference)
    if reference.startswith("sha256:"):
        remove_manifest(visit, repository, entry)
    else:
        remove_tag(repository, reference)
    return web.Response(status=202, headers=API_VERSION)


@ROUTES.route("GET", "/v2/{name:path}/referrers/{digest}")
async def list_referrers(call: Call) -> web.Response:
    """Answer with an index of the referrers of the digest; empty without any."""
    name, digest, kind = call.params["name"], call.params["digest"], call.query.get("artifacttype")
    visit = enter(call, f"repository:{name}:pull", "referrers")
    if fault := call.world.faults.take("throttle-referrers", registry=visit.registry.name, repository=name):
        raise registry_throttled(fault.number("retry_after", 1))
    # OCI distribution 1.1: a registry that has this API must not answer 404 to it. What ACR does is not known.
    repository = visit.content.repositories.get(name)
    found_here = repository.referrers.get(digest, ()) if repository else ()
    entries = [repository.manifests[referrer] for referrer in found_here] if repository else []
    listed = [_referrer(entry.manifest) for entry in entries if kind in (None, entry.manifest.artifact_type())]
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
    headers = API_VERSION | {"Content-Type": OCI_INDEX} | ({"OCI-Filters-Applied": "artifactType"} if kind else {})
    return web.Response(body=json.dumps(index).encode(), headers=headers)


def found(repository: Repository, reference: str) -> Entry:
    """Return the manifest behind a tag or digest, or raise MANIFEST_UNKNOWN."""
    entry = repository.resolve(reference)
    if entry is None:
        detail = None if reference.startswith("sha256:") else {"Tag": reference}
        raise RegistryError(404, "MANIFEST_UNKNOWN", f"manifest {_worded(reference)} is not found", detail)
    return entry


def readable(repository: Repository, reference: str) -> Entry:
    """Return the manifest, unless a lock or the quarantine hides it."""
    entry = found(repository, reference)
    tag = repository.tags.get(reference)
    if not (repository.attributes.read and entry.attributes.read and (tag is None or tag.attributes.read)):
        raise disallowed()
    if "Quarantined" in (entry.attributes.quarantine, tag.attributes.quarantine if tag else ""):
        raise RegistryError(404, "MANIFEST_UNKNOWN", f"manifest {_worded(reference)} is not found")
    return entry


def remove_manifest(visit: AdmittedRequest, repository: Repository, entry: Entry) -> None:
    """Delete the manifest, its referrers, and the repository if it is empty; 405 if anything locks it."""
    holders = [repository.attributes, entry.attributes, *(repository.tags[tag].attributes for tag in entry.tags)]
    if not all(attributes.delete and attributes.write for attributes in holders):
        raise disallowed()
    for referrer in list(repository.referrers.get(entry.manifest.digest, ())):
        remove_manifest(visit, repository, repository.manifests[referrer])
    facts = {"registry": visit.registry.name, "repository": repository.name}
    keep_tags = visit.call.world.faults.take("tags-outlive-manifest", **facts) is not None
    repository.delete_manifest(entry.manifest.digest, keep_tags=keep_tags)
    if not repository.manifests and not repository.tags:
        visit.content.delete_repository(repository.name)


def remove_tag(repository: Repository, name: str) -> None:
    """Delete the tag; 405 if a lock forbids it."""
    holders = [repository.attributes, repository.tags[name].attributes]
    if not all(attributes.delete and attributes.write for attributes in holders):
        raise disallowed()
    repository.delete_tag(name)


def _parsed(raw: bytes, media_type: str) -> Manifest:
    try:
        return parse(raw, media_type)
    except InvalidManifestError as error:
        raise RegistryError(400, "MANIFEST_INVALID", f"manifest invalid: {error}", {}) from error


def _check_push(repository: Repository, manifest: Manifest, reference: str) -> None:
    by_digest = reference.startswith("sha256:")
    if not by_digest and ":" in reference:  # dotnet/sdk#56089: by sha256 and nothing else
        raise RegistryError(400, "DIGEST_INVALID", "provided digest is not supported", {"digest": reference})
    if not by_digest and not TAG.fullmatch(reference):
        raise RegistryError(400, "TAG_INVALID", "manifest tag did not match URI", {"tag": reference})
    if by_digest and reference != digest_of(manifest.raw):
        raise RegistryError(
            400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": reference}
        )
    tag = repository.tags.get(reference)
    if not repository.attributes.write or (tag and not tag.attributes.write):
        raise disallowed()
    if missing := repository.missing(manifest):
        code = "MANIFEST_UNKNOWN" if manifest.is_index else "MANIFEST_BLOB_UNKNOWN"
        raise RegistryError(
            404 if manifest.is_index else 400, code, f"unknown to registry: {', '.join(missing)}", missing
        )


def _referrer(manifest: Manifest) -> dict[str, Any]:
    described: dict[str, Any] = {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.raw),
        "artifactType": manifest.artifact_type(),
    }
    annotations = manifest.document().get("annotations")
    return described | ({"annotations": annotations} if annotations else {})


def _worded(reference: str) -> str:
    return f"sha256:{reference[7:19]}" if reference.startswith("sha256:") else f'tagged by "{reference}"'
