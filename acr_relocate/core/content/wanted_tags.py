"""The content that a selection wants of a repository for its own sake, and its referrers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from acr_relocate.core.content.manifest_graph import Manifests, reachable
from acr_relocate.core.content.scan_findings import left_out_referrers
from acr_relocate.core.registry.image_references import ImageReference
from acr_relocate.core.registry.inventory import Repository, Tag
from acr_relocate.core.request.name_patterns import matches_any
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.request.version_ranges import is_in_range

# How cosign and the tag schema of OCI 1.1 name referrers of a digest where a registry lacks the referrers API.
_REFERRING: Final = re.compile(r"sha256-([0-9a-f]{64})(?:\.\w+)?", re.ASCII)


@dataclass(frozen=True)
class WantedContent:
    """The wanted digests, without those inside of them, and the wanted tags, by digest."""

    digests: frozenset[str]
    tags: Mapping[str, tuple[str, ...]]


def select_content(
    repository: Repository,
    manifests: Manifests,
    selection: Selection,
    now: datetime,
    pinned: Iterable[ImageReference] = (),
) -> WantedContent:
    """Return the wanted content of a repository that was listed at `now`.

    BuildKit's caches, scan findings and referrers by type are included if the selection says so.
    """
    found = _selected_content(repository, manifests, selection, now, pinned)
    caches = {digest for digest in found.digests if manifests[digest].is_build_cache}
    left_out = left_out_referrers(manifests.values(), selection) | (set() if selection.build_caches else caches)
    if not left_out:
        return found
    return WantedContent(
        found.digests - left_out, {digest: tags for digest, tags in found.tags.items() if digest not in left_out}
    )


def _selected_content(
    repository: Repository,
    manifests: Manifests,
    selection: Selection,
    now: datetime,
    pinned: Iterable[ImageReference] = (),
) -> WantedContent:
    """Return the wanted content of a repository that was listed at `now`.

    Wanted for their own sake are the digests of selected tags, pinned images, and the untagged rest: manifests without
    a tag, without a present subject, and not inside of one that has either. Their referrers come along, at any depth,
    and those of the manifests inside; also by a tag that names the digest, as cosign's do. A manifest without a time is
    never too old.
    """
    if selection.is_everything:
        return WantedContent(frozenset(manifests), _by_digest(repository.tags))
    pins = [pin for pin in pinned if pin.repository == repository.name]
    used = [tag for tag in repository.tags if _may_be_used(manifests, tag.digest, selection)]
    chosen = [*_chosen(used, selection, now), *_pinned_tags(repository.tags, pins)]
    starts = {tag.digest for tag in chosen}
    starts.update(pin.digest for pin in pins if pin.digest in manifests)
    if selection.untagged:
        starts.update(_untagged(repository, manifests, selection, now))
    if not selection.referrers:
        return WantedContent(frozenset(starts), _by_digest(chosen))
    companions = [tag for tag in repository.tags if selection.narrows_tags and _is_allowed_companion(tag, selection)]
    digests, brought = _with_referrers(manifests, starts, companions)
    chosen += [tag for tag in companions if _subject_in_name(tag) in brought]
    return WantedContent(frozenset(digests), _by_digest(chosen))


def selects_tag(name: str, selection: Selection) -> bool:
    """Return whether no exclusion of the selection matches this tag name."""
    return (
        matches_any(name, selection.tags)
        and not matches_any(name, selection.exclude_tags)
        and (not selection.versions or is_in_range(name, selection.versions))
    )


def _chosen(tags: Iterable[Tag], selection: Selection, now: datetime) -> list[Tag]:
    """Return the tags selected by name and time. Tags that name a digest follow that digest."""
    begins = selection.begins(now)
    found = [
        tag
        for tag in tags
        if selects_tag(tag.name, selection)
        and _is_since(tag.updated, begins)
        and not (selection.narrows_tags and _subject_in_name(tag))
    ]
    return sorted(found, key=_recency, reverse=True)[: selection.newest] if selection.newest else found


def _pinned_tags(tags: Iterable[Tag], pins: Sequence[ImageReference]) -> list[Tag]:
    names = {(pin.tag, pin.digest) for pin in pins if pin.tag}
    return [tag for tag in tags if not names.isdisjoint({(tag.name, ""), (tag.name, tag.digest)})]


def _untagged(repository: Repository, manifests: Manifests, selection: Selection, now: datetime) -> Iterator[str]:
    """Yield the manifests that have no tag and belong to nothing else in the repository."""
    begins = selection.untagged_begins(now)
    held = {tag.digest for tag in repository.tags}
    held.update(manifest.digest for manifest in manifests.values() if manifest.subject in manifests)
    held |= reachable(manifests, held)
    for manifest in manifests.values():
        refers_to_what_is_gone = bool(manifest.subject)  # as the others are in `held`
        unwanted = manifest.digest in held or (refers_to_what_is_gone and not selection.referrers)
        if not unwanted and _is_since(manifest.updated, begins) and _may_be_used(manifests, manifest.digest, selection):
            yield manifest.digest


def _may_be_used(manifests: Manifests, digest: str, selection: Selection) -> bool:
    """Return whether the logs do not rule out that somebody uses it."""
    return not selection.pulled_since or manifests[digest].pulled is not False


def _with_referrers(
    manifests: Manifests, starts: Iterable[str], companions: Iterable[Tag]
) -> tuple[set[str], set[str]]:
    """Return the starts with all their referrers, and the same with all manifests inside."""
    referring: dict[str, list[str]] = {}
    for manifest in manifests.values():
        if manifest.subject:
            referring.setdefault(manifest.subject, []).append(manifest.digest)
    for tag in companions:
        referring.setdefault(_subject_in_name(tag), []).append(tag.digest)
    digests, brought, pending = set(starts), set[str](), list(starts)
    while pending:
        digest = pending.pop()
        if digest not in brought:
            brought.add(digest)
            coming = referring.get(digest, [])
            digests.update(coming)
            pending += [*coming, *(child for child in manifests[digest].children if child in manifests)]
    return digests, brought


def _is_allowed_companion(tag: Tag, selection: Selection) -> bool:
    return bool(_subject_in_name(tag)) and not matches_any(tag.name, selection.exclude_tags)


def _subject_in_name(tag: Tag) -> str:
    """Return the digest in the tag's name, or an empty string."""
    found = _REFERRING.fullmatch(tag.name)
    return f"sha256:{found[1]}" if found else ""


def _is_since(updated: datetime | None, begins: datetime | None) -> bool:
    return updated is None or begins is None or updated >= begins


def _recency(tag: Tag) -> tuple[datetime, str]:
    return tag.updated or datetime.max.replace(tzinfo=UTC), tag.name


def _by_digest(tags: Iterable[Tag]) -> dict[str, tuple[str, ...]]:
    """Return the names of the tags of each digest, each once, in the registry's order."""
    names: dict[str, dict[str, None]] = {}
    for tag in tags:
        names.setdefault(tag.digest, {})[tag.name] = None
    return {digest: tuple(tags) for digest, tags in names.items()}
