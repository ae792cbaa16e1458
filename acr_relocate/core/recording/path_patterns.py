"""The pattern of a path: known words stay, every name becomes a placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from acr_relocate.core.recording.known_names import KNOWN_ACTIONS, KNOWN_NAMESPACES, PLACEHOLDERS

_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\d(-preview)?|\d\.\d")
_REGISTRY_PATHS: Final = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"/v2/?", "/v2/"),
        (r"/v2/_catalog", "/v2/_catalog"),
        (r"/v2/.+/manifests/[^/]+", "/v2/{repository}/manifests/{reference}"),
        (r"/v2/.+/blobs/uploads/?", "/v2/{repository}/blobs/uploads/"),
        (r"/v2/.+/blobs/uploads/[^/]+", "/v2/{repository}/blobs/uploads/{uuid}"),
        (r"/v2/.+/blobs/[^/]+", "/v2/{repository}/blobs/{digest}"),
        (r"/v2/.+/referrers/[^/]+", "/v2/{repository}/referrers/{digest}"),
        (r"/v2/.+/tags/list", "/v2/{repository}/tags/list"),
        (r"/acr/v1/_catalog", "/acr/v1/_catalog"),
        (r"/acr/v1/.+/_tags/[^/]+", "/acr/v1/{repository}/_tags/{tag}"),
        (r"/acr/v1/.+/_tags", "/acr/v1/{repository}/_tags"),
        (r"/acr/v1/.+/_manifests/[^/]+", "/acr/v1/{repository}/_manifests/{digest}"),
        (r"/acr/v1/.+/_manifests", "/acr/v1/{repository}/_manifests"),
        (r"/acr/v1/.+", "/acr/v1/{repository}"),
        (r"/v2/.*", "/v2/{other}"),
        (r"/oauth2/exchange", "/oauth2/exchange"),
        (r"/oauth2/token", "/oauth2/token"),
    )
)


def path_pattern(url: str) -> str:
    """Return the path of a URL with a placeholder for every name, id and unknown word; without its query."""
    path = urlsplit(url).path
    for pattern, shown in _REGISTRY_PATHS:
        if pattern.fullmatch(path):
            return shown
    return "/" + "/".join(_segments(path.strip("/").split("/")))


def asked_version(url: str) -> str:
    """Return the api-version of a URL; empty if it has none, or one of another form."""
    found = parse_qs(urlsplit(url).query).get("api-version", [""])[0]
    return found if _VERSION.fullmatch(found) else ""


def _segments(path: list[str]) -> Iterator[str]:
    """Yield the parts: types and names alternate, and a namespace follows `providers`."""
    before, is_name = "", False
    for part in path:
        word = part.lower()
        if before == "providers":
            yield part if word in KNOWN_NAMESPACES else "{namespace}"
            before, is_name = word, False
        elif is_name:
            yield f"{{{PLACEHOLDERS.get(before, 'name')}}}"
            before, is_name = "", False
        else:
            yield part if word in PLACEHOLDERS or word in KNOWN_ACTIONS else "{type}"
            before, is_name = word, word != "providers"
