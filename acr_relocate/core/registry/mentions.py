"""A registry named in a document of Azure: by its id, its login server, its data or regional endpoints."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.registry.inventory import Registry

_ENCODED: Final = ("encodedTaskContent", "encodedValuesContent")


def names_of(registry: Registry) -> re.Pattern[str]:
    """Return a pattern of the registry's id, its login server, its data and regional endpoints, as whole names."""
    return names_in_text(registry.login_server, registry.id)


def names_in_text(login_server: str, registry_id: str) -> re.Pattern[str]:
    """Return the same pattern for a registry of which no more is known."""
    label, _, domain = login_server.partition(".")
    host = rf"{re.escape(label)}(\.[a-z0-9]+\.(data|geo))?\.{re.escape(domain)}"
    return re.compile(rf"(?<![\w.-]){host}(?![\w-]|\.\w)|{re.escape(registry_id)}(?![\w-])", re.IGNORECASE)


def may_name(registry: Registry, document: Any) -> bool:
    """Return whether the document has the registry's id as a whole, or its login server, also within another word."""
    text = str(document).lower()
    whole = re.search(rf"{re.escape(registry.id.lower())}(?![\w-])", text)
    return whole is not None or registry.login_server.lower() in text


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a document with its dotted path; what a task keeps encoded is decoded."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}".lstrip("."), str(name)  # of a tag, or the host of a task's credentials
            yield from texts_in(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner, path)
    elif isinstance(value, str):
        yield path, _decoded(value) if path.endswith(_ENCODED) else value


def _decoded(text: str) -> str:
    """Return what a task runs, of which Azure keeps the text encoded; or the text, if it is something else."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()  # some encoders break lines
    except ValueError:
        return text
