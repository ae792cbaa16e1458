"""Manifests as registries see them: raw bytes with a digest, and the few facts that can be read out of them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
INDEXES: Final = frozenset({DOCKER_LIST, OCI_INDEX})
IMAGES: Final = frozenset({DOCKER_MANIFEST, OCI_MANIFEST})
IMAGE_CONFIGS: Final = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
MAX_BYTES: Final = 4 * 1024 * 1024  # ACR's limit for one manifest


class InvalidManifestError(ValueError):
    """These bytes are no manifest that a registry would take."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest. Immutable, so that registries and repositories share it instead of copying it."""

    digest: str
    media_type: str
    raw: bytes
    subject: str | None = None
    children: tuple[str, ...] = ()

    @property
    def is_index(self) -> bool:
        """Return whether this lists other manifests instead of layers."""
        return self.media_type in INDEXES

    def document(self) -> dict[str, Any]:
        """Return the parsed JSON. Parsed on demand: a hundred thousand parsed manifests would not fit in memory."""
        document: dict[str, Any] = json.loads(self.raw)
        return document

    def blobs(self) -> Iterator[tuple[str, int]]:
        """Yield digest and size of the config and of every layer that a registry must hold for this manifest."""
        document = self.document()
        for descriptor in (document.get("config"), *document.get("layers", ())):
            # A layer with `urls` lives elsewhere ("foreign"); registries do not hold it.
            if descriptor and not descriptor.get("urls"):
                yield descriptor["digest"], descriptor["size"]

    def listed_blobs(self) -> tuple[str, ...]:
        """Return the digests that an index lists as blobs, as BuildKit's registry cache does with layers and config."""
        if not self.is_index:
            return ()
        return tuple(one["digest"] for one in self.document().get("manifests", ()) if not _is_manifest(one))

    def image_size(self) -> int:
        """Return the bytes that ACR shows for this manifest: config and layers, or the index itself."""
        return len(self.raw) if self.is_index else sum(size for _, size in self.blobs())

    def artifact_type(self) -> str | None:
        """Return `artifactType`, or its substitute in OCI 1.1: the media type of the config."""
        document = self.document()
        kind = document.get("artifactType") or document.get("config", {}).get("mediaType")
        return str(kind) if kind else None


def digest_of(data: bytes) -> str:
    """Return the sha256 digest under which a registry knows these bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse(raw: bytes, media_type: str) -> Manifest:
    """Return the manifest in these bytes, or raise InvalidManifestError with the reason."""
    if media_type not in INDEXES | IMAGES:
        raise InvalidManifestError(f"media type '{media_type}' is not supported")
    if len(raw) > MAX_BYTES:
        raise InvalidManifestError(f"manifest of {len(raw)} bytes is larger than {MAX_BYTES}")
    try:
        document = json.loads(raw)
        declared = document.get("mediaType", media_type)
        children = tuple(child["digest"] for child in document.get("manifests", ()) if _is_manifest(child))
        subject = (document.get("subject") or {}).get("digest")
        manifest = Manifest(digest_of(raw), media_type, raw, subject, children)
        list(manifest.blobs())
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise InvalidManifestError(f"manifest is not valid JSON of its media type: {error!r}") from error
    if declared != media_type:
        raise InvalidManifestError(f"mediaType '{declared}' differs from Content-Type '{media_type}'")
    if media_type in IMAGES and "config" not in document:
        raise InvalidManifestError("an image manifest needs a config")
    return manifest


def _is_manifest(descriptor: dict[str, Any]) -> bool:
    """Return whether an index's entry is a manifest. Without a media type it counts as one."""
    kind = str(descriptor.get("mediaType") or OCI_MANIFEST)
    return kind in INDEXES | IMAGES or "manifest" in kind


def compose(document: dict[str, Any]) -> Manifest:
    """Return the manifest of a document that carries its own `mediaType`, as seeds write them."""
    subject = (document.get("subject") or {}).get("digest")
    children = tuple(child["digest"] for child in document.get("manifests", ()) if _is_manifest(child))
    raw = json.dumps(document, separators=(",", ":")).encode()
    return Manifest(digest_of(raw), document["mediaType"], raw, subject, children)
