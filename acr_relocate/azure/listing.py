"""Everything that a registry holds, or an error: never a part of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from sys import intern
from typing import Any, Final

from acr_relocate.azure.data_plane import DataPlane
from acr_relocate.azure.together import together
from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.inventory import (
    Attributes,
    Content,
    Manifest,
    Repository,
    RepositoryCounts,
    Tag,
    cross_check,
)
from acr_relocate.core.selecting import Selection
from acr_relocate.core.selection import selected_names

Json = dict[str, Any]
# Called with how many repositories are listed, of how many.
Listed = Callable[[int, int], None]

# Requests under way at once. More only makes a registry throttle sooner.
CONCURRENCY: Final = 32
# A push between two requests looks like a gap; so a repository with gaps is read again.
READINGS: Final = 3

INDEXES: Final = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
# Kinds of manifest that cannot have a subject.
WITHOUT_SUBJECT: Final = ("application/vnd.docker.distribution.manifest.",)
IMAGE_CONFIGS: Final = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)


async def list_content(plane: DataPlane, selection: Selection, listed: Listed | None = None) -> Content:
    """All selected repositories with every tag and manifest, checked against the registry's own counts.

    What may not be read (readEnabled=false) is listed as far as its listing knows it: without children and subject.
    A repository that hides from the catalogue (listEnabled=false) is found if the selection names it in full.
    Raises ListingIncomplete if the registry counts more than it lists, also when asked again.
    """
    began = datetime.now(UTC)
    catalogue = await plane.repositories()
    names = selected_names(catalogue, selection)
    reader = _Reader(plane)
    async with together() as group:
        tasks = [group.create_task(reader.repository(name)) for name in names]
        for done, finished in enumerate(asyncio.as_completed(tasks), start=1):
            await finished
            if listed is not None:
                listed(done, len(names))
    repositories = tuple(found for task in tasks if (found := task.result()))
    rest = tuple(sorted(set(catalogue) - set(names)))
    return Content(login_server=plane.login_server, repositories=repositories, listed_at=began, not_listed=rest)


class _Reader:
    """Reads repositories with a bounded number of requests under way."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def repository(self, name: str) -> Repository | None:
        """The whole repository, or None if it vanished in the meantime."""
        for reading in range(1, READINGS + 1):
            async with self._slots:
                counted = await self._plane.repository(name)
                tags = await self._plane.tags(name) if counted else []
                manifests = await self._plane.manifests(name) if counted else []
            if counted is None:
                return None
            repository = await self._with_graph(name, counted, tags, manifests)
            try:
                _check(self._plane.login_server, repository, counted)
            except ListingIncomplete:
                if reading == READINGS:
                    raise
            else:
                return repository
        raise AssertionError  # the last reading returned or raised

    async def _with_graph(self, name: str, counted: Json, tags: list[Json], manifests: list[Json]) -> Repository:
        """The repository with what only the manifests themselves say: children of an index, subject of a referrer."""
        readable = [
            entry for entry in manifests if attributes_of(counted).read_enabled and attributes_of(entry).read_enabled
        ]
        bodies = await self._read(name, (entry["digest"] for entry in readable if entry.get("mediaType") in INDEXES))
        inside = {digest for body in bodies.values() for digest in _children(body)}
        bodies |= await self._read(
            name,
            (entry["digest"] for entry in readable if entry["digest"] not in bodies and _may_refer(entry, inside)),
        )
        return Repository(
            name=name,
            attributes=attributes_of(counted),
            manifests=tuple(_manifest(entry, bodies.get(entry["digest"], {})) for entry in manifests),
            tags=tuple(map(_tag, tags)),
        )

    async def _read(self, name: str, digests: Iterable[str]) -> dict[str, Json]:
        """The manifests that are still there; the counts tell whether one that vanished matters."""
        async with together() as group:
            tasks = {digest: group.create_task(self._one(name, digest)) for digest in digests}
        return {digest: body for digest, task in tasks.items() if (body := task.result()) is not None}

    async def _one(self, name: str, digest: str) -> Json | None:
        async with self._slots:
            return await self._plane.manifest(name, digest)


def _check(login_server: str, repository: Repository, counted: Json) -> None:
    counts = RepositoryCounts(
        repository=repository.name,
        manifests=int(counted.get("manifestCount", 0)),
        tags=int(counted.get("tagCount", 0)),
    )
    cross_check(Content(login_server=login_server, repositories=(repository,)), [counts])


def _may_refer(entry: Json, inside: set[str]) -> bool:
    """Whether a manifest is worth reading: for a subject, not plain images that are tagged or travel in an index.

    For foreign layers, images of Windows, whose base layers Microsoft kept to itself until 2022.
    """
    if str(entry.get("os", "")).lower() == "windows":
        return True
    if str(entry.get("mediaType", "")).startswith(WITHOUT_SUBJECT):
        return False
    if not entry.get("tags") and entry["digest"] not in inside:
        return True
    return bool(entry.get("tags")) and entry.get("configMediaType") not in IMAGE_CONFIGS


def _manifest(entry: Json, body: Json) -> Manifest:
    subject = body.get("subject")
    config = body.get("config")
    artifact_type = body.get("artifactType") or (config.get("mediaType") if isinstance(config, dict) else None)
    return Manifest(
        digest=intern(entry["digest"]),
        media_type=intern(entry.get("mediaType") or ""),
        size=int(entry.get("imageSize") or 0),
        attributes=attributes_of(entry),
        subject=subject.get("digest") if isinstance(subject, dict) else None,
        children=tuple(_children(body)),
        artifact_type=artifact_type,
        quarantine=(entry.get("changeableAttributes") or {}).get("quarantineState") or "",
        foreign_layers=any(map(_is_foreign, body.get("layers") or ())),
        updated=_updated(entry),
    )


def _tag(entry: Json) -> Tag:
    digest = intern(entry["digest"])  # the manifest's own string, which its tags share
    return Tag(name=intern(entry["name"]), digest=digest, attributes=attributes_of(entry), updated=_updated(entry))


def _updated(entry: Json) -> datetime | None:
    said = entry.get("lastUpdateTime") or entry.get("createdTime")
    return datetime.fromisoformat(said) if said else None


def _is_foreign(layer: Json) -> bool:
    """Whether a layer is not in the registry, but where its `urls` say."""
    kind = str(layer.get("mediaType", ""))
    return bool(layer.get("urls")) or "foreign" in kind or "nondistributable" in kind


def _children(body: Json) -> list[str]:
    return [child["digest"] for child in body.get("manifests") or () if "digest" in child]


def attributes_of(entry: Json) -> Attributes:
    """The lock attributes that an entry of `/acr/v1` tells; what it does not tell is not locked."""
    said = entry.get("changeableAttributes") or {}
    return _attributes(
        said.get("deleteEnabled", True),
        said.get("writeEnabled", True),
        said.get("listEnabled", True),
        said.get("readEnabled", True),
    )


@cache
def _attributes(delete: bool, write: bool, list_: bool, read: bool) -> Attributes:  # noqa: FBT001 - as Azure has them
    """One object for each of the few there are: a hundred thousand tags are told of their locks."""
    return Attributes(delete_enabled=delete, write_enabled=write, list_enabled=list_, read_enabled=read)
