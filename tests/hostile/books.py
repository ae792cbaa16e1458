"""The five invariants, asked of the embedded Azure's own books after each step. Nothing of ours is believed here.

The books are a saved state: every resource, and every registry with its manifests, tags and blobs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_azure.launcher import Emulator
from tests.hostile.names import RECORDS, SOURCE, SOURCE_ID, TARGET, TARGET_ID

Json = dict[str, Any]
VOLATILE = frozenset({"counts", "createdOn", "updatedOn", "createdBy", "updatedBy", "systemData", "lastModifiedAt"})


@dataclass
class Ledger:
    """Facts that have to hold: kept by the players, each of whom writes down what he does.

    `content`: for each repository of the source, the digests that somebody still wants. `theirs`: resources of others,
    by id, and `their_images`: images that others pushed to the target. `resources`: those at the source, as they were.
    `locks`: the lock attributes of the source's repositories. `deleted`, `discarded`: that a person approved it.
    """

    content: dict[str, set[str]] = field(default_factory=dict)
    theirs: dict[str, Json] = field(default_factory=dict)
    their_images: dict[str, set[str]] = field(default_factory=dict)
    resources: dict[str, Json] = field(default_factory=dict)
    locks: dict[str, Json] = field(default_factory=dict)
    secrets_in: list[tuple[str, str]] = field(default_factory=list)
    killed: bool = False


class Books:
    """The books of an embedded Azure at one moment."""

    def __init__(self, emulator: Emulator, file: Path) -> None:
        emulator.save(file)
        saved = json.loads(file.read_text())
        self.resources = {str(one["id"]): one for one in saved["resources"]}
        self._content = {str(name).lower(): held for name, held in saved["content"].items()}

    def has_registry(self, registry_id: str) -> bool:
        """Whether the registry exists."""
        return any(one.lower() == registry_id.lower() for one in self.resources)

    def repositories(self, name: str, registry_id: str) -> Json:
        """Return the content of the registry; empty if it is not there."""
        if not self.has_registry(registry_id):
            return {}
        held: Json = next((held for key, held in self._content.items() if name in (key, key.rpartition("/")[2])), {})
        return dict(held.get("repositories", {}))

    def whole(self, name: str, registry_id: str) -> dict[str, set[str]]:
        """The digests of each repository whose manifest, parts and blobs are all there."""
        held: Json = next((held for key, held in self._content.items() if name in (key, key.rpartition("/")[2])), {})
        bodies = {digest: json.loads(raw) for digest, (_, raw) in held.get("manifests", {}).items()}
        found: dict[str, set[str]] = {}
        for repository, item in self.repositories(name, registry_id).items():
            there, blobs = set(item["manifests"]), set(item["blobs"])
            found[repository] = {digest for digest in there if _is_whole(bodies[digest], there, blobs)}
        return found

    def at_source(self) -> dict[str, Json]:
        """Return Azure's resources at the source: registry, children, locks, roles and settings, without dates."""
        return {
            path.lower(): steady(one)
            for path, one in self.resources.items()
            if f"{path}/".lower().startswith(f"{SOURCE_ID}/".lower())
        }

    def locks(self) -> dict[str, Json]:
        """The lock attributes of the source's repositories."""
        return {name: item["attributes"] for name, item in self.repositories(SOURCE, SOURCE_ID).items()}

    def records(self) -> list[str]:
        """The records of what has to be given back."""
        return [path for path in self.resources if any(f"/{kind}" in path.lower() for kind in RECORDS)]


def steady(value: Any) -> Any:
    """The value without what Azure writes by itself."""
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if key not in VOLATILE and item is not None}
    return [steady(item) for item in value] if isinstance(value, list) else value


def violations(books: Books, ledger: Ledger) -> Iterator[str]:
    """Return the violations of (a) to (e), in words that begin with the letter."""
    yield from _lost(books, ledger)
    yield from _changed_source(books, ledger)
    yield from _others(books, ledger)
    yield from (f"(d) a secret is in {where}" for where, _ in ledger.secrets_in)
    yield from _forged(books)


def _lost(books: Books, ledger: Ledger) -> Iterator[str]:
    """(a): of all undeleted content of the source, one of the two registries has a whole copy."""
    here, there = books.whole(SOURCE, SOURCE_ID), books.whole(TARGET, TARGET_ID)
    for repository, digests in ledger.content.items():
        gone = digests - here.get(repository, set()) - there.get(repository, set())
        if gone:
            yield f"(a) no registry has {repository}@{min(gone)} whole, and {len(gone) - 1} more"


def _changed_source(books: Books, ledger: Ledger) -> Iterator[str]:
    """(b): the source is as it was; after a kill, a record in Azure says what is not."""
    if not books.has_registry(SOURCE_ID):
        return
    missing = sorted(set(ledger.resources) - set(books.at_source()))
    changed = {
        path: _changes(one, books.at_source()[path])
        for path, one in ledger.resources.items()
        if books.at_source().get(path, one) != one
    }
    more = sorted(
        path for path in set(books.at_source()) - set(ledger.resources) if "/providers/" in path[len(SOURCE_ID) :]
    )
    held = books.locks()
    locked = [name for name, was in ledger.locks.items() if held.get(name, was) != was]
    if not (missing or changed or more or locked):
        return
    if ledger.killed and books.records():
        return
    yield f"(b) the source lacks {missing}, has {more} more, {changed} changed, and locked {locked[:3]} ({len(locked)})"


def _changes(was: Any, now: Any, path: str = "") -> str:
    """Where two documents differ, and the values."""
    if isinstance(was, dict) and isinstance(now, dict):
        names = sorted(was.keys() | now.keys())
        return "".join(_changes(was.get(name), now.get(name), f"{path}.{name}") for name in names)
    return "" if was == now else f"{path}: {was!r} is {now!r}; "


def _others(books: Books, ledger: Ledger) -> Iterator[str]:
    """(c): what others made is there, as they made it."""
    held = {path.lower() for path in books.resources}
    yield from (f"(c) a resource of others is gone: {path}" for path in ledger.theirs if path.lower() not in held)
    there = books.whole(TARGET, TARGET_ID)
    for repository, digests in ledger.their_images.items():
        if gone := digests - there.get(repository, set()):
            yield f"(c) images of others are gone from the target: {repository}@{min(gone)}"


def _forged(books: Books) -> Iterator[str]:
    """(e): nothing was done because a forged record said so."""
    for path, one in books.resources.items():
        if FORGER in json.dumps(one.get("properties")) and "/deployments/" not in path.lower():
            yield f"(e) a forged record was acted on: {path}"


FORGER = "66666666-6666-6666-6666-666666666666"
"""The principal that forged records try to let in."""


def _is_whole(body: Json, manifests: set[str], blobs: set[str]) -> bool:
    needed = [body.get("config") or {}, *(body.get("layers") or ()), *(body.get("blobs") or ())]
    parts = body.get("manifests") or ()
    return all(one["digest"] in blobs for one in needed if "digest" in one and not one.get("urls")) and all(
        part["digest"] in manifests or part["digest"] in blobs for part in parts
    )
