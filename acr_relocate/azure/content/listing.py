"""List the whole content of a registry, or raise: never return part of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from sys import intern
from typing import Any, Final

from acr_relocate.azure.client.manifest_bodies import digest_in, objects_in, text_in
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.task_group import together
from acr_relocate.core.content.selection import selected_names
from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.registry.inventory import (
    BUILD_CACHE,
    Attributes,
    Content,
    Manifest,
    Repository,
    RepositoryCounts,
    Tag,
    cross_check,
    gaps_of,
)
from acr_relocate.core.request.selection import Selection

Json = dict[str, Any]
# Called with the number of listed repositories and the total.
Listed = Callable[[int, int], None]

# Concurrent requests. More only makes a registry throttle sooner.
_CONCURRENCY: Final = 32
# A push between two requests looks like a gap; so a repository with gaps is read again.
READINGS: Final = 3
ANOTHER_ORDER: Final = "timedesc"

INDEXES: Final = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
# Kinds of manifest that cannot have a subject.
WITHOUT_SUBJECT: Final = ("application/vnd.docker.distribution.manifest.",)
_IMAGE_CONFIGS: Final = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)


async def list_content(
    plane: DataPlane, selection: Selection, listed: Listed | None = None, *, may_be_broken: bool = False
) -> Content:
    """Return all selected repositories with every tag and manifest, checked against the registry's own counts.

    Unreadable artifacts (readEnabled=false) are listed without children and subject.
    A repository that is hidden from the catalogue (listEnabled=false) is found if the selection names it in full.
    Raises ListingIncomplete if the registry counts more than it lists, also in a second attempt; if it `may_be_broken`
    and lists the same in another order, the repository says so instead (`unaccounted`).
    """
    began = datetime.now(UTC)
    catalogue = await plane.repositories()
    names = selected_names(catalogue, selection)
    reader = _Reader(plane, may_be_broken=may_be_broken, all_subjects=not selection.is_everything)
    async with together() as group:
        tasks = [group.create_task(reader.repository(name)) for name in names]
        for done, finished in enumerate(asyncio.as_completed(tasks), start=1):
            await finished
            if listed is not None:
                listed(done, len(names))
    repositories = tuple(found for task in tasks if (found := task.result()))
    rest = tuple(sorted(set(catalogue) - set(names)))
    return Content(
        login_server=plane.login_server, repositories=repositories, listed_at=began, not_listed=rest, names=plane.names
    )


class _Reader:
    """Reads repositories with a bounded number of concurrent requests."""

    def __init__(self, plane: DataPlane, *, may_be_broken: bool, all_subjects: bool) -> None:
        self._plane = plane
        self._may_be_broken = may_be_broken
        self._all_subjects = all_subjects
        self._slots = asyncio.Semaphore(_CONCURRENCY)

    async def repository(self, name: str) -> Repository | None:
        """Return the whole repository, or None if it vanished in the meantime."""
        for reading in range(1, READINGS + 1):
            async with self._slots:
                counted = await self._plane.repository(name)
                if counted is None:
                    return None
                tags = tuple([_tag(entry) async for entry in self._plane.tags(name)])
                entries = [_Entry.of(entry, self._all_subjects) async for entry in self._plane.manifests(name)]
            attributes = attributes_of(counted)
            manifests = await self._with_graph(name, entries if attributes.read_enabled else [])
            manifests = {entry.manifest.digest: entry.manifest for entry in entries} | manifests
            repository = Repository(name=name, attributes=attributes, manifests=tuple(manifests.values()), tags=tags)
            try:
                _check(self._plane.login_server, repository, counted)
            except ListingIncomplete:
                if reading == READINGS:
                    return await self._explained(repository, counted)
            else:
                return repository
        raise AssertionError  # the last reading returned or raised

    async def _explained(self, repository: Repository, counted: Json) -> Repository:
        """Return the repository with hidden content that its tags name, and in words the rest of the gap.

        Raises ListingIncomplete if no gap is allowed, or if it lists something else in another order.
        """
        name, listed = repository.name, {manifest.digest for manifest in repository.manifests}
        hidden = await self._hidden(name, {tag.digest for tag in repository.tags} - listed)
        whole = repository.model_copy(update={"manifests": (*repository.manifests, *hidden.values())})
        counts = _counts(name, counted)
        async with self._slots:
            tags = {_tag(entry).name async for entry in self._plane.tags(name, ANOTHER_ORDER)}
            manifests = {entry["digest"] async for entry in self._plane.manifests(name, ANOTHER_ORDER)}
        if not self._may_be_broken or tags - {tag.name for tag in whole.tags} or manifests - listed:
            _check(self._plane.login_server, whole, counted)
        return whole.model_copy(update={"unaccounted": "; ".join(gaps_of(whole, counts))})

    async def _with_graph(self, name: str, entries: Collection[_Entry]) -> dict[str, Manifest]:
        """Return the manifests whose bodies are needed: for children of an index, subject of a referrer; by digest."""
        readable = [entry for entry in entries if entry.manifest.attributes.read_enabled]
        indexes = await self._read(name, (one.manifest for one in readable if one.manifest.media_type in INDEXES))
        inside = {digest for index in indexes.values() for digest in index.children}
        hidden = await self._hidden(name, inside - {entry.manifest.digest for entry in entries})
        others = (one.manifest for one in readable if one.manifest.digest not in indexes and one.may_refer(inside))
        return indexes | hidden | await self._read(name, others)

    async def _hidden(self, name: str, digests: Iterable[str]) -> dict[str, Manifest]:
        """Return the existing ones of an index's children that no list shows (listEnabled=false)."""
        async with together() as group:
            tasks = [group.create_task(self._plane.listed_manifest(name, digest)) for digest in digests]
        return {entry["digest"]: _manifest(entry) for task in tasks if (entry := task.result())}

    async def _read(self, name: str, manifests: Iterable[Manifest]) -> dict[str, Manifest]:
        """Return the manifests that still exist; the counts show whether a vanished one matters."""
        async with together() as group:
            tasks = [group.create_task(self._completed(name, manifest)) for manifest in manifests]
        return {manifest.digest: manifest for task in tasks if (manifest := task.result())}

    async def _completed(self, name: str, manifest: Manifest) -> Manifest | None:
        async with self._slots:
            body = await self._plane.manifest(name, manifest.digest)
        return None if body is None else _complete(manifest, body)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A listing's entry for a manifest, reduced: the listing has ten times as much data, and is not kept."""

    manifest: Manifest
    is_worth_reading: bool
    unless_inside: bool

    @classmethod
    def of(cls, entry: Json, all_subjects: bool = False) -> _Entry:  # noqa: FBT001, FBT002 - as a listing has it
        """Convert an entry of `/acr/v1`.

        Bodies are read for a subject, except plain images that are tagged or inside an index; with `all_subjects`
        those of tagged images as well, which may refer to others (converted ones do) and follow them. For foreign
        layers, bodies of Windows images are read, whose base layers Microsoft did not distribute until 2022.
        """
        is_windows = str(entry.get("os", "")).lower() == "windows"
        has_no_subject = str(entry.get("mediaType", "")).startswith(WITHOUT_SUBJECT)
        is_tagged_image = bool(entry.get("tags")) and entry.get("configMediaType") in _IMAGE_CONFIGS
        return cls(
            _manifest(entry),
            is_worth_reading=is_windows or not (has_no_subject or (is_tagged_image and not all_subjects)),
            unless_inside=not is_windows and not entry.get("tags"),
        )

    def may_refer(self, inside: set[str]) -> bool:
        """Return whether the manifest's body has to be read, given the digests inside of indexes."""
        return self.is_worth_reading and not (self.unless_inside and self.manifest.digest in inside)


def _check(login_server: str, repository: Repository, counted: Json) -> None:
    counts = _counts(repository.name, counted)
    cross_check(Content(login_server=login_server, repositories=(repository,)), [counts])


def _counts(name: str, counted: Json) -> RepositoryCounts:
    return RepositoryCounts(
        repository=name,
        manifests=int(counted.get("manifestCount") or 0),
        tags=int(counted.get("tagCount") or 0),
    )


def _manifest(entry: Json) -> Manifest:
    return Manifest(
        digest=intern(entry["digest"]),
        media_type=intern(entry.get("mediaType") or ""),
        size=int(entry.get("imageSize") or 0),
        attributes=attributes_of(entry),
        quarantine=(entry.get("changeableAttributes") or {}).get("quarantineState") or "",
        updated=_updated(entry),
    )


def _complete(manifest: Manifest, body: Json) -> Manifest:
    config = body.get("config")
    is_cache = any(child.get("mediaType") == BUILD_CACHE for child in objects_in(body.get("manifests")))
    stated = text_in(body.get("artifactType")) or text_in(config.get("mediaType") if isinstance(config, dict) else "")
    return replace(
        manifest,
        subject=digest_in(body.get("subject")) or None,
        children=tuple(_children(body)),
        artifact_type=BUILD_CACHE if is_cache else stated or None,
        scanner=_scanner(body),
        foreign_layers=any(map(_is_foreign, objects_in(body.get("layers")))),
    )


def _scanner(body: Json) -> str:
    """Return the scanner that created this manifest, from its annotation `scanner`, with or without a prefix."""
    noted = body.get("annotations")
    named = noted.items() if isinstance(noted, dict) else ()
    return next((str(value) for name, value in named if str(name).lower().rpartition(".")[2] == "scanner"), "")


def _tag(entry: Json) -> Tag:
    digest = intern(entry["digest"])  # share one string among the manifest and its tags
    return Tag(name=intern(entry["name"]), digest=digest, attributes=attributes_of(entry), updated=_updated(entry))


def _updated(entry: Json) -> datetime | None:
    said = entry.get("lastUpdateTime") or entry.get("createdTime")
    if not said:
        return None
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_foreign(layer: Json) -> bool:
    """Return whether a layer is stored outside of the registry, at its `urls`."""
    kind = str(layer.get("mediaType", ""))
    return bool(layer.get("urls")) or "foreign" in kind or "nondistributable" in kind


def _children(body: Json) -> list[str]:
    return [intern(digest_in(child)) for child in objects_in(body.get("manifests")) if is_manifest(child)]


def is_manifest(child: Json) -> bool:
    """Return whether an index's entry is a manifest. BuildKit's caches list blobs."""
    kind = str(child.get("mediaType") or "manifest")
    return bool(digest_in(child)) and ("manifest" in kind or "index" in kind)


def attributes_of(entry: Json) -> Attributes:
    """Return the lock attributes in an entry of `/acr/v1`; a missing one counts as unlocked."""
    said = entry.get("changeableAttributes") or {}
    return _attributes(
        said.get("deleteEnabled", True),
        said.get("writeEnabled", True),
        said.get("listEnabled", True),
        said.get("readEnabled", True),
    )


@cache
def _attributes(delete: bool, write: bool, list_: bool, read: bool) -> Attributes:  # noqa: FBT001 - as Azure has them
    """Return a shared object for each combination: a hundred thousand tags have lock attributes."""
    return Attributes(delete_enabled=delete, write_enabled=write, list_enabled=list_, read_enabled=read)
