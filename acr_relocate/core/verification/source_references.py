"""Find references to the source in the target: in its settings and children, and in the resources tied to it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.verification.differences import Difference, difference

ENCODED: Final = ("encodedTaskContent", "encodedValuesContent")
_PARTS: Final = ("role_assignments", "event_subscriptions", "endpoints", "naming")


def find_mentions(source: Registry, target: Registry, around: Surroundings) -> tuple[Difference, ...]:
    """Return each place in the target and in resources tied to it with the source's id, login server or endpoints.

    Our own tag, which names the source, is excluded. So are look-alikes (`my` in `notmy`).
    """
    names = _names(source)
    own = target.model_dump(exclude={"unread", "regions", "children"})
    own["tags"] = {name: value for name, value in target.tags.items() if name.lower() != SOURCE_TAG}
    tied = {str(entry.get("id") or part): entry for part in _PARTS for entry in readable_items(getattr(around, part))}
    apart = {str(entry.get("id")).lower() for entry in tied.values()}
    children = [
        (f"{child.kind}/{child.name}", child.model_dump())
        for child in target.children
        if str(child.properties.get("id", "")).lower() not in apart
    ]
    places = [("", own), *children, *tied.items()]
    return tuple(
        _mention(f"{where}{': ' if where and path else ''}{path}", _line(text, found))
        for where, value in places
        for path, text in _texts(value)
        if (found := names.search(text))
    )


def is_named(source: Registry, text: str) -> bool:
    """Return whether the text has the source's id, login server or endpoints."""
    return bool(_names(source).search(text))


def unnamed(registry: Registry, text: str) -> str:
    """Return the text with a star in place of the registry's id, login server and endpoints."""
    return _names(registry).sub("*", text)


def _names(source: Registry) -> re.Pattern[str]:
    """Match the source's id, login server, data endpoints and regional endpoints, as whole names."""
    label, _, domain = source.login_server.partition(".")
    host = rf"{re.escape(label)}(\.[a-z0-9]+\.(data|geo))?\.{re.escape(domain)}"
    return re.compile(rf"(?<![\w.-]){host}(?![\w-]|\.\w)|{re.escape(source.id)}(?![\w-])", re.IGNORECASE)


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}".lstrip("."), str(name)  # of a tag, or the host of a task's credentials
            yield from _texts(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, path)
    elif isinstance(value, str):
        yield path, _decoded(value) if path.endswith(ENCODED) else value


def _decoded(text: str) -> str:
    """Return the commands of an encoded task as text; any other text unchanged."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text


def _line(text: str, found: re.Match[str]) -> str:
    """Return the line of the text that names the source."""
    return text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].strip()


def _mention(where: str, text: str) -> Difference:
    return difference("mention", where, f"{where} still names the source: {text}", sides=("", text))
