"""The bodies of manifests. Anybody who may push has written them, so they may have anything in any place."""

from __future__ import annotations

import json
import re
from typing import Any, Final

Json = dict[str, Any]
_DIGEST: Final = re.compile(r"[A-Za-z0-9_+.-]+:[A-Fa-f0-9]+")


def manifest_body(content: bytes) -> Json:
    """Return the JSON object in the bytes of a manifest; or an empty one."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def objects_in(value: object) -> list[Json]:
    """Return the objects of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_in(value: object) -> str:
    """Return the text, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def digest_in(descriptor: object) -> str:
    """Return the digest of a descriptor; empty without a valid one."""
    found = text_in(descriptor.get("digest")) if isinstance(descriptor, dict) else ""
    return found if _DIGEST.fullmatch(found) else ""


def size_in(descriptor: Json) -> int:
    """Return the size of a descriptor in bytes; 0 without a valid one."""
    size = descriptor.get("size")
    return size if type(size) is int and size > 0 else 0
