"""JSON answers."""

import json
from collections.abc import Mapping

from aiohttp import web


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None, charset: str | None = "utf-8"
) -> web.Response:
    """Return JSON over the wire. AKS names no charset: None."""
    payload = json.dumps(body, separators=(",", ":")).encode()
    return web.Response(body=payload, status=status, headers=headers, content_type="application/json", charset=charset)
