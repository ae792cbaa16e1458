"""Find references to the source in the target: in its settings and children, and in the resources tied to it."""

from __future__ import annotations

import re
from typing import Final

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.dependencies.workloads import WORKLOADS_BY_TYPE
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.mentions import names_of, texts_in
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.verification.differences import Difference, difference

_PARTS: Final = ("role_assignments", "event_subscriptions", "endpoints", "naming")


def find_mentions(source: Registry, target: Registry, around: Surroundings) -> tuple[Difference, ...]:
    """Return each place in the target and in resources tied to it with the source's id, login server or endpoints.

    Our own tag, which names the source, is excluded. So are look-alikes (`my` in `notmy`), and workloads: an app may
    name both registries while it is switched, and is no part of the target (`status` counts it).
    """
    names = names_of(source)
    own = target.model_dump(exclude={"unread", "regions", "children"})
    own["tags"] = {name: value for name, value in target.tags.items() if name.lower() != SOURCE_TAG}
    tied = {str(entry.get("id") or part): entry for part in _PARTS for entry in readable_items(getattr(around, part))}
    tied = {where: entry for where, entry in tied.items() if str(entry.get("type")).lower() not in WORKLOADS_BY_TYPE}
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
        for path, text in texts_in(value)
        if (found := names.search(text))
    )


def is_named(source: Registry, text: str) -> bool:
    """Return whether the text has the source's id, login server or endpoints."""
    return bool(names_of(source).search(text))


def unnamed(registry: Registry, text: str) -> str:
    """Return the text with a star in place of the registry's id, login server and endpoints."""
    return names_of(registry).sub("*", text)


def _line(text: str, found: re.Match[str]) -> str:
    """Return the line of the text that names the source."""
    return text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].strip()


def _mention(where: str, text: str) -> Difference:
    return difference("mention", where, f"{where} still names the source: {text}", sides=("", text))
