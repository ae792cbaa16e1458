"""Decide in this one place, before anything is destroyed, whether one verified whole copy exists.

Two registries are compared: the one to delete and the one that stays. Content that only the first has is lost, and has
to be approved. For all other content the second must hold every manifest and every blob that a manifest names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from acr_relocate.core.approval.decision import fingerprint
from acr_relocate.core.content.scan_findings import proofs_of_moves, scan_findings
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.wording import plural

_SHOWN: Final = 5

Thing = tuple[str, str, str]
"""A manifest (repository, "", digest) or a tag (repository, tag, digest)."""


class MissingPart(FrozenModel):
    """A manifest, or a blob that it names, that is missing in the registry which stays.

    `elsewhere`: the manifest gives another location of the blob, so that no registry needs to have it.
    """

    repository: str
    manifest: str
    digest: str
    elsewhere: bool = False

    @property
    def image(self) -> str:
        """Return the manifest as `repository@digest`."""
        return f"{self.repository}@{self.manifest}"

    @property
    def name(self) -> str:
        """Return the part in words, with the manifest that needs it."""
        return self.image if self.digest == self.manifest else f"{self.digest} of {self.image}"


class CopyCheck(FrozenModel):
    """The result of asking the registry that stays for all content that both registries hold.

    `manifests` were read there, and each of their `blobs` was asked for (HEAD). `missing`: lacking there, present in
    the other registry. `broken`: lacking in both. `unread`: manifests that both refuse to show (readEnabled=false), so
    that nothing is known of their blobs.
    """

    manifests: int = 0
    blobs: int = 0
    missing: tuple[MissingPart, ...] = ()
    broken: tuple[MissingPart, ...] = ()
    unread: tuple[str, ...] = ()

    def in_words(self, name: str) -> str:
        """Return how much was read of the registry `name`, and how."""
        asked = f"{name} was asked for each of the {plural(self.blobs, 'blob')} of {plural(self.manifests, 'manifest')}"
        found = "lacks " + _named([part.name for part in self.missing]) if self.missing else "has all of them"
        broken = f"; neither registry has {_named([part.name for part in self.broken])}" if self.broken else ""
        return f"{asked} (HEAD), and {found}{broken}."


class ApprovedLoss(FrozenModel):
    """The approved loss when the registry `going` is deleted and `staying` stays, by their login servers.

    `contents`: a fingerprint of the content of each, by login server; one without an entry may have changed.
    `lost`: a fingerprint of the content that only the first had. `names`: the repositories in the one that stays.
    """

    going: str
    staying: str
    contents: dict[str, str]
    lost: str
    names: RenameMap = AS_AT_SOURCE


def things(content: Content) -> frozenset[Thing]:
    """Return every manifest and every tag."""
    return frozenset(
        (repository.name, name, digest) for repository in content.repositories for name, digest in _things(repository)
    )


def only_in(one: Content, other: Content) -> tuple[Thing, ...]:
    """Return the manifests and tags of one registry that the other does not have."""
    return tuple(sorted(things(one) - things(other)))


def images_of(found: Iterable[Thing]) -> tuple[str, ...]:
    """Return the manifests and tags as people write them; a manifest by its digest if no tag of them names it."""
    found = tuple(found)
    tagged = {(repository, digest) for repository, tag, digest in found if tag}
    return tuple(
        f"{repository}:{tag}" if tag else f"{repository}@{digest}"
        for repository, tag, digest in found
        if tag or (repository, digest) not in tagged
    )


def content_fingerprint(content: Content) -> str:
    """Return a fingerprint of the content: repositories, digests, and the digest of each tag."""
    return fingerprint({one.name: sorted(_things(one)) for one in content.repositories})


def loss_fingerprint(found: Iterable[Thing]) -> str:
    """Return a fingerprint of a set of manifests and tags."""
    return fingerprint(sorted(found))


def loss_by_repository(found: Iterable[Thing]) -> dict[str, str]:
    """Return a fingerprint of the manifests and tags of each repository."""
    by_name: dict[str, list[Thing]] = {}
    for one in found:
        by_name.setdefault(one[0], []).append(one)
    return {name: loss_fingerprint(lost) for name, lost in sorted(by_name.items())}


def readable_in_both(going: Content, staying: Content) -> dict[str, tuple[str, ...]]:
    """Return the digests that both hold and that are readable in the registry that stays, by repository."""
    here = {
        repository.name: {manifest.digest for manifest in repository.manifests} for repository in going.repositories
    }
    found = {
        repository.name: tuple(
            manifest.digest
            for manifest in repository.manifests
            if manifest.digest in here.get(repository.name, ())
            and repository.attributes.read_enabled
            and manifest.attributes.read_enabled
        )
        for repository in staying.repositories
    }
    return {name: digests for name, digests in found.items() if digests}


def unreadable_in_both(going: Content, staying: Content) -> tuple[str, ...]:
    """Return the manifests that both hold and whose blobs are unknown, because reading them is disabled."""
    readable = readable_in_both(going, staying)
    shared = {(name, digest) for name, tag, digest in things(going) & things(staying) if not tag}
    return tuple(sorted(f"{name}@{digest}" for name, digest in shared if digest not in readable.get(name, ())))


def evaluate_copy(
    asked: tuple[int, int], missing: Iterable[MissingPart], in_neither: Collection[MissingPart], unread: Iterable[str]
) -> CopyCheck:
    """Return the check from the answers of both registries.

    `asked`: the number of manifests read in the registry that stays, and of blobs asked for. `missing`: parts that it
    lacks; `in_neither`: those of them that the other registry lacks as well, so that its deletion loses nothing.
    """
    missing = tuple(missing)
    return CopyCheck(
        manifests=asked[0],
        blobs=asked[1],
        missing=tuple(part for part in missing if part not in in_neither),
        broken=tuple(part for part in missing if part in in_neither and not part.elsewhere),
        unread=tuple(unread),
    )


def require_whole_copy(approved: ApprovedLoss, going: Content, staying: Content, check: CopyCheck) -> None:
    """Raise NotRelocated unless one verified whole copy exists without the registry to delete.

    `going` and `staying`: the whole content of both, listed while the first one was at rest.
    """
    held = {going.login_server: going, staying.login_server: staying}
    for login_server, content in approved.contents.items():
        if content_fingerprint(held[login_server]) != content:
            raise _changed(login_server, approved.going)
    if loss_fingerprint(only_in(going, staying)) != approved.lost:
        raise _changed(approved.staying, approved.going)
    if check.missing:
        raise NotRelocated(
            f"{approved.staying} lacks {plural(len(check.missing), 'part')} of what both registries list, so "
            f"{approved.going} was not deleted: {_named([part.name for part in check.missing])}",
            code="CopyNotWhole",
            resource=approved.staying,
            remedy=f"Import these images into {approved.staying} again, then run again.",
        )


def first_names(names: Iterable[str]) -> str:
    """Return the first of the names, and the number of the others."""
    return _named(tuple(names))


def _changed(login_server: str, going: str) -> NotRelocated:
    return NotRelocated(
        f"{login_server} has changed since the deletion of {going.partition('.')[0]} was approved, so it was not "
        "deleted",
        code="ChangedSinceApproval",
        resource=login_server,
        remedy="Run again: the registries are compared once more, and the deletion has to be approved again.",
    )


def _things(repository: Repository) -> set[tuple[str, str]]:
    """Return the content to compare, without scanner results, which come and go in both registries, and our proofs.

    A proof at the source, of an earlier move, is moved and compared as any other referrer.
    """
    scans = scan_findings(repository.manifests) | proofs_of_moves(repository.manifests)
    manifests = {("", one.digest) for one in repository.manifests if one.digest not in scans}
    return manifests | {(tag.name, tag.digest) for tag in repository.tags if tag.digest not in scans}


def _named(names: tuple[str, ...] | list[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
