"""/v2/{name}/blobs: reading, whole or in ranges; uploading, whole, in chunks or by mounting from another repository.

Reads are redirected: to the data endpoint of a registry that has its own (container-registry-dedicated-data-endpoints),
else to the storage behind it, `*.blob.core.windows.net`.
"""

import base64
import re
from typing import Final

from aiohttp import web

from local_azure.registry.admission import (
    REGISTRY_TYPE,
    AdmittedRequest,
    content_of,
    disallowed,
    enter,
    locate,
)
from local_azure.registry.manifests_api import API_VERSION
from local_azure.state.content import Upload
from local_azure.state.directory import InvalidTokenError
from local_azure.state.errors import RegistryError
from local_azure.state.manifests import digest_of
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()
STORAGE_ROUTES = Routes()

STORAGE: Final = {"io": "windows.net", "cn": "chinacloudapi.cn", "us": "usgovcloudapi.net"}
TICKET_SECONDS: Final = 20 * 60
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")


@ROUTES.route("GET HEAD", "/v2/{name:path}/blobs/{digest}")
async def read_blob(call: Call) -> web.Response:
    """Answer with the blob, or 206 with the part that a Range asks for."""
    name, digest = call.params["name"], call.params["digest"]
    # Who asks whether a blob is there is about to push: oras-py keeps the first token that it is told to get.
    asked = f"repository:{name}:pull,push" if call.method == "HEAD" else f"repository:{name}:pull"
    visit = enter(call, asked, instead=f"repository:{name}:pull")
    data = visit.repository(name).blobs.get(digest)
    if data is None:
        raise RegistryError(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})
    if call.method == "GET":
        return web.Response(status=307, headers={"Location": _ticket(visit, name, digest)})
    return _bytes(call, digest, data)


@ROUTES.route("GET", "/{account}/docker/registry/v2/blobs/sha256/{head}/{name}/data")
async def read_from_data_endpoint(call: Call) -> web.Response:
    """Answer with the bytes of the blob at a signed address, without a token."""
    return _from_ticket(call, locate(call))


@STORAGE_ROUTES.route("GET", "/{account}/docker/registry/v2/blobs/sha256/{head}/{name}/data")
async def read_from_storage(call: Call) -> web.Response:
    """Answer the same from the storage behind a registry, where its network rules do not apply."""
    found = [one for one in call.world.resources.select(REGISTRY_TYPE) if one.name.lower() == call.params["account"]]
    if not found:
        raise RegistryError(404, "ResourceNotFound", "The specified resource does not exist.")
    return _from_ticket(call, found[0])


def _from_ticket(call: Call, registry: Resource) -> web.Response:
    try:
        ticket = call.world.directory.read(call.query.get("sig", ""), {call.host})
    except InvalidTokenError:
        message = "Server failed to authenticate the request."
        raise RegistryError(403, "AuthenticationFailed", message) from None
    held = content_of(call.world, registry).repositories.get(ticket["repository"])
    data = held.blobs.get(ticket["digest"]) if held else None
    if data is None:
        raise RegistryError(404, "BlobNotFound", "The specified blob does not exist.")
    return _bytes(call, ticket["digest"], data)


def _ticket(visit: AdmittedRequest, repository: str, digest: str) -> str:
    """Return the address of a blob in the home region, valid for as long as ACR's."""
    registry = visit.registry
    label, _, suffix = str(registry.properties["loginServer"]).partition(".")
    host = f"{registry.location}localazure.blob.core.{STORAGE[suffix.rpartition('.')[2]]}"
    if registry.properties.get("dataEndpointEnabled"):
        host = f"{label}.{registry.location}.data.{suffix}"
    claims = {"aud": host, "repository": repository, "digest": digest}
    signature = visit.call.world.directory.sign(claims, TICKET_SECONDS)
    name = digest.partition(":")[2]
    return (
        f"https://{host}/{registry.name.lower()}/docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data?sig={signature}"
    )


def _bytes(call: Call, digest: str, data: bytes) -> web.Response:
    headers = {
        **API_VERSION,
        "Docker-Content-Digest": digest,
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
    }
    wanted = _RANGE.fullmatch(call.request.headers.get("Range", ""))
    if wanted is None:
        length = {} if data else {"Content-Length": "0"}  # a HEAD of an empty blob says so, too
        return web.Response(body=data, headers=headers | length)
    start = int(wanted[1])
    end = min(int(wanted[2] or len(data)), len(data) - 1)
    if start > end:
        raise RegistryError(
            416, "RANGE_INVALID", "invalid content range", headers={"Content-Range": f"bytes */{len(data)}"}
        )
    headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return web.Response(body=data[start : end + 1], status=206, headers=headers)


@ROUTES.route("DELETE", "/v2/{name:path}/blobs/{digest}")
async def delete_blob(call: Call) -> web.Response:
    """Delete the blob from the repository."""
    name, digest = call.params["name"], call.params["digest"]
    visit = enter(call, f"repository:{name}:delete", "delete")
    if visit.repository(name).blobs.pop(digest, None) is None:
        raise RegistryError(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})
    return web.Response(status=202, headers=API_VERSION)


@ROUTES.route("POST", "/v2/{name:path}/blobs/uploads")
async def start_upload(call: Call) -> web.Response:
    """Start an upload; it may be complete already, by mount or with the whole blob in this request."""
    name = call.params["name"]
    visit = enter(call, f"repository:{name}:pull,push", "write")
    existing = visit.content.repositories.get(name)
    if existing and not existing.attributes.write:
        raise disallowed()
    mount, source = call.query.get("mount"), call.query.get("from", "")
    if mount and (data := _mountable(visit, mount, source)) is not None:
        visit.content.repository(name, visit.now).put_blob(data)
        return _created(name, mount)
    if digest := call.query.get("digest"):
        return _finish(visit, name, await call.request.read(), digest)
    return _progress(name, visit.content.start_upload(name), 0, 202)


@ROUTES.route("PATCH", "/v2/{name:path}/blobs/uploads/{upload}")
async def append_chunk(call: Call) -> web.Response:
    """Append the chunk, if it begins where the last one ended."""
    name, upload_id = call.params["name"], call.params["upload"]
    visit = enter(call, f"repository:{name}:pull,push", "write")
    upload = _upload(visit, name, upload_id)
    _check_start(call, upload)
    upload.data += await call.request.read()
    return _progress(name, upload_id, len(upload.data), 202)


@ROUTES.route("PUT", "/v2/{name:path}/blobs/uploads/{upload}")
async def finish_upload(call: Call) -> web.Response:
    """Store the blob, if it has the promised digest."""
    name, upload_id = call.params["name"], call.params["upload"]
    visit = enter(call, f"repository:{name}:pull,push", "write")
    upload = _upload(visit, name, upload_id)
    _check_start(call, upload)
    data = bytes(upload.data) + await call.request.read()
    response = _finish(visit, name, data, call.query.get("digest", ""))
    del visit.content.uploads[upload_id]
    return response


@ROUTES.route("GET", "/v2/{name:path}/blobs/uploads/{upload}")
async def upload_status(call: Call) -> web.Response:
    """Answer with the received size of the upload."""
    name, upload_id = call.params["name"], call.params["upload"]
    visit = enter(call, f"repository:{name}:pull,push")
    return _progress(name, upload_id, len(_upload(visit, name, upload_id).data), 204)


@ROUTES.route("DELETE", "/v2/{name:path}/blobs/uploads/{upload}")
async def cancel_upload(call: Call) -> web.Response:
    """Cancel the upload."""
    name, upload_id = call.params["name"], call.params["upload"]
    visit = enter(call, f"repository:{name}:pull,push", "write")
    _upload(visit, name, upload_id)
    del visit.content.uploads[upload_id]
    return web.Response(status=204, headers=API_VERSION)


def _check_start(call: Call, upload: Upload) -> None:
    """Raise RegistryError 416 for a chunk that does not continue the last one (OCI distribution 1.1, chunked)."""
    start = call.request.headers.get("Content-Range", "").partition("-")[0].removeprefix("bytes ")
    if start and int(start) != len(upload.data):
        headers = {"Range": f"0-{max(0, len(upload.data) - 1)}"}
        raise RegistryError(416, "RANGE_INVALID", "invalid content range", headers=headers)


def _mountable(visit: AdmittedRequest, digest: str, source: str) -> bytes | None:
    """Return the blob from another repository that the same token may pull; without it the client uploads."""
    repository = visit.content.repositories.get(source)
    return repository.blobs.get(digest) if repository and visit.may("pull", source) else None


def _upload(visit: AdmittedRequest, name: str, upload_id: str) -> Upload:
    upload = visit.content.uploads.get(upload_id)
    if upload is None or upload.repository != name:
        raise RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", {"upload": upload_id})
    return upload


def _finish(visit: AdmittedRequest, name: str, data: bytes, digest: str) -> web.Response:
    if digest != digest_of(data):
        raise RegistryError(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": digest})
    visit.content.repository(name, visit.now).put_blob(data)
    return _created(name, digest)


def _created(name: str, digest: str) -> web.Response:
    location = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest}
    return web.Response(status=201, headers=API_VERSION | location)


def _state(upload_id: str, size: int) -> str:
    """Return a state that is opaque to clients, and changes with every step."""
    return base64.urlsafe_b64encode(f"{upload_id}:{size}".encode()).decode().rstrip("=")


def _progress(name: str, upload_id: str, size: int, status: int) -> web.Response:
    headers = {
        "Location": f"/v2/{name}/blobs/uploads/{upload_id}?_nouploadcache=false&_state={_state(upload_id, size)}",
        "Docker-Upload-UUID": upload_id,
        "Range": f"0-{max(0, size - 1)}",
    }
    return web.Response(status=status, headers=API_VERSION | headers)
