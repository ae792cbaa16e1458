"""Compare the content of two registries: tags and digests, untagged manifests, indexes, referrers, sizes, locks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from acr_relocate.core.content.broken import broken_in
from acr_relocate.core.content.copy_roots import CopyRoots
from acr_relocate.core.content.scan_findings import left_out_referrers, proofs_of_moves
from acr_relocate.core.content.selection import copy_roots, selected
from acr_relocate.core.registry.inventory import UNLOCKED, Attributes, Content, Manifest, Repository
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification.differences import Difference, difference

MOVED: Final = "This tag was pushed to one of the registries after the last import; people know which one is right."
_COUNTS: Final = "The source hides something (listEnabled is off), or counts wrongly."
TAKE_THE_SOURCES: Final = "If the source is right: `acr-relocate sync` with `force: true` in the request."


def compare(
    source: Content, target: Content, selection: Selection, accept: Sequence[str] = ()
) -> tuple[Difference, ...]:
    """Return every difference in the selected content: tags, digests tagged or not, children, referrers, locks.

    A repository that is missing as a whole is one difference. Content that only the target has is `extra`. Artifacts
    broken at the source are missing for that reason, and not a difference if the request accepts them (`accept`). The
    order is stable: by repository, and in it by kind and subject.
    """
    there = {repository.name: repository for repository in target.repositories}
    differences = [
        found
        for repository, travel in sorted(copy_roots(source, selection), key=_name_of_first)
        for found in _with_broken(repository, travel, there.get(repository.name), selection, accept)
    ]
    known = {repository.name for repository in source.repositories}
    extra = (repository for repository in selected(target, selection) if repository.name not in known)
    return (*differences, *(_extra_repository(repository) for repository in sorted(extra, key=_name)))


def _with_broken(
    source: Repository, travel: CopyRoots, target: Repository | None, selection: Selection, accept: Sequence[str]
) -> Iterator[Difference]:
    """Yield the differences of a repository; those caused by broken artifacts at the source name that reason."""
    broken = list(broken_in(source, travel, accept))
    missing = {subject: one for one in broken for subject in one.subjects}
    whole = target is None and travel.digests <= {one.digest for one in broken}
    there = Repository(name=source.name) if whole else target
    for found in _compare_repository(source, travel, there, selection):
        reason = missing.get(found.subject) if not found.target else None
        if reason is None:
            yield found
        elif not reason.accepted:
            yield found.model_copy(update={"cause": reason.reason, "remedy": reason.remedy})
    for one in broken:
        if not (one.digest or one.accepted):
            yield difference(
                "unread", one.repository, one.reason, repository=one.repository, cause=_COUNTS, remedy=one.remedy
            )


def _compare_repository(
    source: Repository, travel: CopyRoots, target: Repository | None, selection: Selection
) -> Iterator[Difference]:
    if target is not None:
        yield from _compare_tags(source, travel, target)
        yield from _compare_manifests(source.name, travel, target, selection)
        yield from _compare_attributes(source, travel, target)
    elif travel.digests:
        held = f"{len(travel.digests)} manifests, {sum(map(len, travel.tags.values()))} tags"
        message = f"repository {source.name} is missing at the target ({held})"
        yield difference("repository", source.name, message, sides=(held, ""), repository=source.name)


def _compare_tags(source: Repository, travel: CopyRoots, target: Repository) -> Iterator[Difference]:
    want = {tag: digest for digest, tags in travel.tags.items() for tag in tags}
    have = {tag.name: tag.digest for tag in target.tags}
    left_behind = {tag.name for tag in source.tags} - want.keys()
    for tag in sorted((want.keys() | have.keys()) - left_behind):
        here, there = want.get(tag, ""), have.get(tag, "")
        name, sides, repository = f"{source.name}:{tag}", (here, there), source.name
        if not here:
            yield difference("extra", tag, f"{name} is only at the target", sides=sides, repository=repository)
        elif not there:
            yield difference("tag", tag, f"{name} is missing at the target", sides=sides, repository=repository)
        elif here != there:
            message = f"{name} names {there} at the target, {here} at the source"
            yield difference(
                "tag", tag, message, sides=sides, repository=repository, cause=MOVED, remedy=TAKE_THE_SOURCES
            )


def _compare_manifests(
    repository: str, travel: CopyRoots, target: Repository, selection: Selection
) -> Iterator[Difference]:
    have = {manifest.digest: manifest for manifest in target.manifests}
    for digest in sorted(travel.digests - have.keys()):
        kind = _kind(travel, digest)
        message = f"{repository}@{digest} ({_WORDS[kind]}) is missing at the target"
        yield difference(kind, digest, message, sides=(digest, ""), repository=repository)
    for digest in sorted(travel.digests & have.keys()):
        is_readable = target.attributes.read_enabled and have[digest].attributes.read_enabled
        yield from _compare_manifest(repository, travel.manifests[digest], have[digest], is_readable=is_readable)
    ours = left_out_referrers(have.values(), selection) | proofs_of_moves(have.values())
    only_there = have.keys() - travel.manifests.keys() - ours
    for digest in sorted(only_there):
        message = f"{repository}@{digest} is only at the target"
        yield difference("extra", digest, message, sides=("", digest), repository=repository)


def _compare_manifest(
    repository: str, source: Manifest, target: Manifest, *, is_readable: bool
) -> Iterator[Difference]:
    """Yield contradictions about the same bytes. A fact that only one registry gives is not a difference.

    The subject of a manifest is only in its body, which cannot be read while it is locked.
    """
    name, digest = f"{repository}@{source.digest}", source.digest
    here, there = source.subject or "", target.subject or ""
    if here != there and (there or is_readable):
        message = f"{name} refers to {there or 'nothing'} at the target, {here or 'nothing'} at the source"
        yield difference("referrer", digest, message, sides=(here, there), repository=repository)
    for what in ("media_type", "artifact_type", "size"):
        one, other = getattr(source, what), getattr(target, what)
        if one and other and one != other:
            message = f"{name} has the {what.replace('_', ' ')} {other} at the target, {one} at the source"
            yield difference("properties", digest, message, sides=(str(one), str(other)), repository=repository)


def _kind(travel: CopyRoots, digest: str) -> Literal["referrer", "child", "manifest"]:
    if travel.manifests[digest].subject:
        return "referrer"
    return "child" if travel.root_of(digest) != digest else "manifest"


_WORDS = {"referrer": "a referrer", "child": "inside an index", "manifest": "a manifest"}


def _compare_attributes(source: Repository, travel: CopyRoots, target: Repository) -> Iterator[Difference]:
    """Yield the differing locks of content that both registries have."""
    want = _attributes(source) | {digest: travel.manifests[digest].attributes for digest in travel.digests}
    have = _attributes(target) | {manifest.digest: manifest.attributes for manifest in target.manifests}
    for subject in sorted(want.keys() & have.keys()):
        if want[subject] != have[subject]:
            here, there = _describe(want[subject]), _describe(have[subject])
            separator = "@" if subject in travel.manifests else ""
            message = f"{source.name}{separator}{subject} is {there} at the target, {here} at the source"
            yield difference("attributes", subject or source.name, message, sides=(here, there), repository=source.name)


def _attributes(repository: Repository) -> dict[str, Attributes]:
    """Return the attributes of the repository itself, under an empty key, and of its tags, under `:tag`."""
    return {"": repository.attributes} | {f":{tag.name}": tag.attributes for tag in repository.tags}


def _describe(attributes: Attributes) -> str:
    if attributes == UNLOCKED:
        return "unlocked"
    return ", ".join(f"{name.replace('_enabled', '')} off" for name, enabled in attributes if not enabled)


def _extra_repository(repository: Repository) -> Difference:
    message = f"repository {repository.name} is only at the target"
    held = f"{len(repository.manifests)} manifests"
    return difference("extra", repository.name, message, sides=("", held), repository=repository.name)


def _name(repository: Repository) -> str:
    return repository.name


def _name_of_first(pair: tuple[Repository, CopyRoots]) -> str:
    return pair[0].name
