"""The paths, ranges and links of a registry's API."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

from acr_relocate.azure.client.registry_http import RegistryResponse
from acr_relocate.core.errors import TemporaryFailure

Json = dict[str, Any]
LISTED_AT_ONCE: Final = 1000


def upload_place(reply: RegistryResponse | None) -> str:
    """Return path and query at which an upload continues; always at the same host."""
    location = reply.headers.get("Location", "") if reply is not None else ""
    if not location:
        raise TemporaryFailure("The answer to a part of an upload does not say where it continues")
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def byte_range(part: bytes, sent: int) -> Json:
    """Return the headers of a part of an upload, after so many bytes."""
    where = {"Content-Range": f"{sent}-{sent + len(part) - 1}"} if part else {}
    return where | {"Content-Type": "application/octet-stream"}


def paging(order: str = "", last: str = "") -> str:
    """Return the query of a listing's first page, or of the one after the name `last`."""
    told = {"last": last, "orderby": order}
    return urlencode({"n": LISTED_AT_ONCE} | {name: value for name, value in told.items() if value})


def digest_of(content: bytes) -> str:
    """Return the digest of the bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def manifest_path(name: str, reference: str) -> str:
    """Return the path of the manifest under a tag or digest."""
    return f"/v2/{name}/manifests/{quote(reference, safe=':')}"


def next_page(reply: RegistryResponse, path: str) -> str | None:
    """Return path and query of the page in `Link: <...>; rel="next"`."""
    link, _, relation = reply.headers.get("Link", "").partition(";")
    if "next" not in relation:
        return None
    parts = urlsplit(urljoin(path, link.strip().removeprefix("<").removesuffix(">")))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
