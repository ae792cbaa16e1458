"""The content of one registry: repositories with manifests, tags, blobs and referrers. In memory, content-addressed.

Manifests and blobs are immutable and shared by reference: an import between registries costs a dictionary entry.
Nothing in here knows HTTP, tokens or ARM.
"""

import base64
import bisect
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from local_azure.state.manifests import Manifest, digest_of, parse

_FLAGS: Final = {"deleteEnabled": "delete", "writeEnabled": "write", "listEnabled": "list", "readEnabled": "read"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The lock attributes of a repository, a tag or a manifest."""

    delete: bool = True
    write: bool = True
    list: bool = True
    read: bool = True
    quarantine: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return `changeableAttributes` as /acr/v1 shows them."""
        shown: dict[str, Any] = {wire: getattr(self, name) for wire, name in _FLAGS.items()}
        return shown | ({"quarantineState": self.quarantine} if self.quarantine else {})

    def changed(self, patch: dict[str, Any]) -> "Attributes":
        """Return these attributes with the ones that a PATCH names replaced; null means unchanged."""
        named = {name: bool(patch[wire]) for wire, name in _FLAGS.items() if patch.get(wire) is not None}
        return replace(self, **named, quarantine=patch.get("quarantineState", self.quarantine))


UNLOCKED: Final = Attributes()


@dataclass(slots=True)
class Entry:
    """A manifest in one repository."""

    manifest: Manifest
    created: float
    updated: float
    attributes: Attributes = UNLOCKED
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Tag:
    """A tag and what it points to."""

    digest: str
    created: float
    updated: float
    attributes: Attributes = UNLOCKED


class SortedNames:
    """The names of a dictionary in order, sorted again only after it changed in size."""

    def __init__(self, source: dict[str, Any]) -> None:
        self._source = source
        self._names: list[str] = []
        self._stale = True

    def invalidate(self) -> None:
        """Say that a name came or went."""
        self._stale = True

    def after(self, last: str | None) -> Iterator[str]:
        """Yield every name behind `last`, which itself need not exist."""
        if self._stale:
            self._names, self._stale = sorted(self._source), False
        start = bisect.bisect_right(self._names, last) if last else 0
        for position in range(start, len(self._names)):
            yield self._names[position]


class Repository:
    """One repository: what /v2/{name} and /acr/v1/{name} are about."""

    def __init__(self, name: str, created: float) -> None:
        self.name = name
        self.created = created
        self.updated = created
        self.attributes = UNLOCKED
        self.manifests: dict[str, Entry] = {}
        self.tags: dict[str, Tag] = {}
        self.blobs: dict[str, bytes] = {}
        self.referrers: dict[str, list[str]] = {}
        self.tag_names = SortedNames(self.tags)
        self.digests = SortedNames(self.manifests)

    def resolve(self, reference: str) -> Entry | None:
        """Return the manifest of a tag or a digest, if it exists."""
        if reference.startswith("sha256:"):
            return self.manifests.get(reference)
        tag = self.tags.get(reference)
        return self.manifests.get(tag.digest) if tag else None

    def put_blob(self, data: bytes) -> str:
        """Store these bytes in the repository; return their digest."""
        digest = digest_of(data)
        self.blobs[digest] = data
        return digest

    def put_manifest(self, manifest: Manifest, now: float) -> Entry:
        """Store the manifest in the repository, and index it by its subject."""
        entry = self.manifests.get(manifest.digest)
        if entry is None:
            entry = self.manifests[manifest.digest] = Entry(manifest, now, now)
            self.digests.invalidate()
            if manifest.subject:
                self.referrers.setdefault(manifest.subject, []).append(manifest.digest)
        self.updated = entry.updated = now
        return entry

    def put_tag(self, name: str, digest: str, now: float) -> None:
        """Point the tag to the manifest, and to no other any more."""
        tag = self.tags.get(name)
        if tag is None:
            self.tags[name] = Tag(digest, now, now)
            self.tag_names.invalidate()
        else:
            self._detach(name, tag.digest)
            tag.digest, tag.updated = digest, now
        entry = self.manifests[digest]
        entry.tags = tuple(sorted({*entry.tags, name}))
        self.updated = entry.updated = now

    def delete_tag(self, name: str) -> None:
        """Delete the tag; its manifest stays, perhaps untagged."""
        self._detach(name, self.tags.pop(name).digest)
        self.tag_names.invalidate()

    def delete_manifest(self, digest: str, *, keep_tags: bool = False) -> None:
        """Delete the manifest, with every tag that pointed to it unless these stay, pointing to nothing."""
        entry = self.manifests.pop(digest)
        self.digests.invalidate()
        for name in () if keep_tags else entry.tags:
            del self.tags[name]
        self.tag_names.invalidate()
        if entry.manifest.subject:
            self.referrers[entry.manifest.subject].remove(digest)

    def missing(self, manifest: Manifest) -> list[str]:
        """Return the digests in the manifest that the repository lacks, which make a push fail."""
        lacking = [digest for digest in manifest.children if digest not in self.manifests]
        lacking += [digest for digest in manifest.listed_blobs() if digest not in self.blobs]
        return lacking + [digest for digest, _ in manifest.blobs() if digest not in self.blobs]

    def closure(self, digest: str) -> list[Entry]:
        """Return the manifest and all that it lists, children first, without referrers."""
        entry = self.manifests[digest]
        below = [item for child in entry.manifest.children if child in self.manifests for item in self.closure(child)]
        return [*below, entry]

    def adopt(self, source: "Repository", digest: str, now: float) -> None:
        """Copy all of `closure` here, blobs included, as an import does."""
        for entry in source.closure(digest):
            for blob in (*(digest for digest, _ in entry.manifest.blobs()), *entry.manifest.listed_blobs()):
                self.blobs[blob] = source.blobs[blob]
            self.put_manifest(entry.manifest, now)

    def _detach(self, tag: str, digest: str) -> None:
        entry = self.manifests.get(digest)
        if entry is not None:
            entry.tags = tuple(name for name in entry.tags if name != tag)


@dataclass(slots=True)
class Upload:
    """A blob on its way in."""

    repository: str
    data: bytearray = field(default_factory=bytearray)


class RegistryContent:
    """All content of one registry."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.names = SortedNames(self.repositories)
        self.uploads: dict[str, Upload] = {}

    def repository(self, name: str, now: float) -> Repository:
        """Return the repository, created if missing."""
        if name not in self.repositories:
            self.repositories[name] = Repository(name, now)
            self.names.invalidate()
        return self.repositories[name]

    def delete_repository(self, name: str) -> Repository:
        """Delete and return the repository."""
        self.names.invalidate()
        return self.repositories.pop(name)

    def start_upload(self, repository: str) -> str:
        """Start an upload; return its id."""
        upload = str(uuid.uuid4())
        self.uploads[upload] = Upload(repository)
        return upload

    def holds(self, blob: str) -> bool:
        """Return whether any repository has the blob: a registry keeps each once."""
        return any(blob in repository.blobs for repository in self.repositories.values())

    def size(self) -> int:
        """Return the bytes held, each blob and manifest counted once, as listUsages does, by the sizes in manifests."""
        repositories = self.repositories.values()
        sizes = {digest: len(data) for repository in repositories for digest, data in repository.blobs.items()}
        for entry in (entry for repository in repositories for entry in repository.manifests.values()):
            sizes |= {entry.manifest.digest: len(entry.manifest.raw), **dict(entry.manifest.blobs())}
        return sum(sizes.values())

    def dump(self) -> dict[str, Any]:
        """Return plain JSON for people and tests: repositories with tags, all manifests, referrers and locks."""
        return {
            "repositories": {name: _describe_repository(self.repositories[name]) for name in self.names.after(None)}
        }

    def snapshot(self) -> dict[str, Any]:
        """Return everything as JSON, each manifest and blob once; `restore` is its inverse."""
        repositories = self.repositories.values()
        entries = [entry for repository in repositories for entry in repository.manifests.values()]
        return {
            "blobs": {
                key: base64.b64encode(data).decode() for item in repositories for key, data in item.blobs.items()
            },
            "manifests": {e.manifest.digest: [e.manifest.media_type, e.manifest.raw.decode()] for e in entries},
            "repositories": {repository.name: _repository_snapshot(repository) for repository in repositories},
        }

    @classmethod
    def restore(cls, saved: dict[str, Any]) -> "RegistryContent":
        """Return the content that `snapshot` described."""
        content = cls()
        blobs = {digest: base64.b64decode(data) for digest, data in saved["blobs"].items()}
        manifests = {key: parse(raw.encode(), media_type) for key, (media_type, raw) in saved["manifests"].items()}
        for name, item in saved["repositories"].items():
            repository = content.repository(name, item["created"])
            repository.blobs = {digest: blobs[digest] for digest in item["blobs"]}
            repository.attributes = UNLOCKED.changed(item["attributes"])
            for digest, (created, updated, attributes) in item["manifests"].items():
                entry = repository.put_manifest(manifests[digest], created)
                entry.updated, entry.attributes = updated, UNLOCKED.changed(attributes)
            for tag, (digest, created, updated, attributes) in item["tags"].items():
                named = repository.manifests.get(digest)
                repository.tags[tag] = Tag(digest, created, updated, UNLOCKED.changed(attributes))
                if named is not None:
                    named.tags = tuple(sorted({*named.tags, tag}))
            repository.tag_names.invalidate()
            repository.updated = item["updated"]
        return content


def _describe_repository(repository: Repository) -> dict[str, Any]:
    return {
        "attributes": repository.attributes.as_json(),
        "tags": {name: repository.tags[name].digest for name in repository.tag_names.after(None)},
        "tagAttributes": _locked((name, tag.attributes) for name, tag in repository.tags.items()),
        "manifests": {
            digest: _describe_entry(repository.manifests[digest]) for digest in repository.digests.after(None)
        },
        "manifestAttributes": _locked((digest, entry.attributes) for digest, entry in repository.manifests.items()),
        "referrers": {subject: sorted(digests) for subject, digests in sorted(repository.referrers.items()) if digests},
    }


def _describe_entry(entry: Entry) -> dict[str, Any]:
    manifest = entry.manifest
    described: dict[str, Any] = {"mediaType": manifest.media_type, "size": len(manifest.raw), "tags": list(entry.tags)}
    if manifest.children:
        described["children"] = list(manifest.children)
    if manifest.subject:
        described["subject"] = manifest.subject
    return described


def _locked(items: Iterable[tuple[str, Attributes]]) -> dict[str, Any]:
    """Return only non-default attributes, so that a dump of ten thousand tags stays readable."""
    return {name: attributes.as_json() for name, attributes in sorted(items) if attributes != UNLOCKED}


def _repository_snapshot(repository: Repository) -> dict[str, Any]:
    return {
        "created": repository.created,
        "updated": repository.updated,
        "attributes": repository.attributes.as_json(),
        "blobs": list(repository.blobs),
        "manifests": {d: [e.created, e.updated, e.attributes.as_json()] for d, e in repository.manifests.items()},
        "tags": {n: [t.digest, t.created, t.updated, t.attributes.as_json()] for n, t in repository.tags.items()},
    }
