"""The synthetic content of a rehearsal: one small artifact of each kind that the source holds, and a large one.

Its bytes are made here and are the same in each rehearsal. Nothing of the source's content is in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from random import Random
from typing import Any, Final, Literal

from pydantic import Field

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import BUILD_CACHE, UNLOCKED, Content, Manifest, Repository

Json = dict[str, Any]
Kind = Literal[
    "image", "index", "tagged child", "referrer", "signature", "chart", "untagged", "build cache", "locked", "large"
]

_OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
HELM_CONFIG: Final = "application/vnd.cncf.helm.config.v1+json"
_HELM_LAYER: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
NOTATION: Final = "application/vnd.cncf.notary.signature"
_CACHE_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
ALWAYS: Final[tuple[Kind, ...]] = ("image", "large")
LARGE_MEBIBYTES: Final = 64
LARGE_BEFORE: Final = "rehearsal/large-before"
_SMALL_BYTES: Final = 512
MEBIBYTE: Final = 2**20


class Blob(FrozenModel):
    """Some bytes and their media type."""

    media_type: str
    content: bytes = Field(repr=False)

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return _digest(self.content)

    @property
    def descriptor(self) -> Json:
        """How a manifest lists it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


class Artifact(FrozenModel):
    """A manifest to push, after its blobs, under its tags or, if it has none, by its digest. `locked`: then lock it."""

    kind: Kind
    repository: str
    manifest: Blob
    blobs: tuple[Blob, ...] = ()
    tags: tuple[str, ...] = ()
    locked: bool = False


def kinds_held(content: Content | None) -> tuple[Kind, ...]:
    """Return the kinds of artifacts that the source holds. None: its content is not known, so all of them."""
    if content is None:
        return tuple(_MAKERS)
    found = {kind for repository in content.repositories for kind in _kinds_in(repository)}
    return tuple(kind for kind in _MAKERS if kind in found or kind in ALWAYS)


def synthetic_artifacts(kinds: Iterable[Kind], large_bytes: int) -> tuple[Artifact, ...]:
    """Return the artifacts of these kinds, each after what it refers to; `large_bytes` is the size of the large one."""
    return tuple(artifact for kind in kinds for artifact in _MAKERS[kind](large_bytes))


def large_before(large_bytes: int) -> Artifact:
    """Return a second large artifact, for an import before there is a replica. It shares no bytes with the first."""
    return _image("large", "large before", "1.0", size=large_bytes).model_copy(update={"repository": LARGE_BEFORE})


def _kinds_in(repository: Repository) -> Iterator[Kind]:
    tagged = {tag.digest for tag in repository.tags}
    inside = {digest for manifest in repository.manifests for digest in manifest.children}
    if repository.attributes != UNLOCKED or any(tag.attributes != UNLOCKED for tag in repository.tags):
        yield "locked"
    for manifest in repository.manifests:
        yield from _kinds_of(manifest)
        if manifest.digest in inside & tagged:
            yield "tagged child"
        if manifest.digest not in inside | tagged and not manifest.subject:
            yield "untagged"


def _kinds_of(manifest: Manifest) -> Iterator[Kind]:
    kind = manifest.artifact_type or ""
    if manifest.is_build_cache:
        yield "build cache"
    elif manifest.children:
        yield "index"
    if manifest.subject:
        yield "signature" if "signature" in kind else "referrer"
    if "helm" in kind:
        yield "chart"
    if manifest.attributes != UNLOCKED:
        yield "locked"


def _image(kind: Kind, label: str, *tags: str, size: int = _SMALL_BYTES, locked: bool = False) -> Artifact:
    config = {"architecture": label if label in _PLATFORMS else "amd64", "os": "linux", "config": {}, "history": []}
    layer = Blob(media_type=_OCI_LAYER, content=_bytes(label, size))
    config |= {"rootfs": {"type": "layers", "diff_ids": [layer.digest]}}
    return _artifact(kind, Blob(media_type=_OCI_CONFIG, content=_json(config)), layer, tags=tags, locked=locked)


def _artifact(
    kind: Kind, config: Blob, layer: Blob, *, tags: tuple[str, ...] = (), locked: bool = False, **more: Any
) -> Artifact:
    body = {"schemaVersion": 2, "mediaType": _OCI_MANIFEST, "config": config.descriptor, "layers": [layer.descriptor]}
    return Artifact(
        kind=kind,
        repository=f"rehearsal/{kind.replace(' ', '-')}",
        manifest=Blob(media_type=_OCI_MANIFEST, content=_json(body | more)),
        blobs=(config, layer),
        tags=tags,
        locked=locked,
    )


def _index(kind: Kind, *child_tags: str) -> tuple[Artifact, ...]:
    """Return the platforms of an index, the first with these tags, and the index."""
    children = [_image(kind, label, *(child_tags if not number else ())) for number, label in enumerate(_PLATFORMS)]
    entries = [
        child.manifest.descriptor | {"platform": {"os": "linux", "architecture": label}}
        for child, label in zip(children, _PLATFORMS, strict=True)
    ]
    body = {"schemaVersion": 2, "mediaType": _OCI_INDEX, "manifests": entries}
    manifest = Blob(media_type=_OCI_INDEX, content=_json(body))
    return (*children, Artifact(kind=kind, repository=children[0].repository, manifest=manifest, tags=("1.0",)))


def _referrer(kind: Kind, artifact_type: str) -> tuple[Artifact, ...]:
    """Return an image and what refers to it."""
    image = _image(kind, "subject", "1.0")
    empty = Blob(media_type="application/vnd.oci.empty.v1+json", content=b"{}")
    note = Blob(media_type="application/json", content=_json({"rehearsal": kind}))
    about = image.manifest.descriptor
    return (image, _artifact(kind, empty, note, artifactType=artifact_type, subject=about))


def _chart(_: int) -> tuple[Artifact, ...]:
    config = Blob(media_type=HELM_CONFIG, content=_json({"apiVersion": "v2", "name": "chart", "version": "0.1.0"}))
    return (
        _artifact(
            "chart", config, Blob(media_type=_HELM_LAYER, content=_bytes("chart", _SMALL_BYTES)), tags=("0.1.0",)
        ),
    )


def _build_cache(_: int) -> tuple[Artifact, ...]:
    layer = Blob(media_type=_CACHE_LAYER, content=_bytes("cache", _SMALL_BYTES))
    config = Blob(media_type=BUILD_CACHE, content=_json({"layers": [{"blob": layer.digest, "parent": -1}]}))
    body = {"schemaVersion": 2, "mediaType": _OCI_INDEX, "manifests": [layer.descriptor, config.descriptor]}
    manifest = Blob(media_type=_OCI_INDEX, content=_json(body))
    return (
        Artifact(
            kind="build cache",
            repository="rehearsal/build-cache",
            manifest=manifest,
            blobs=(layer, config),
            tags=("buildcache",),
        ),
    )


_PLATFORMS: Final = ("amd64", "arm64")
_MAKERS: Final[dict[Kind, Callable[[int], tuple[Artifact, ...]]]] = {
    "image": lambda _: (_image("image", "image", "1.0", "latest"),),
    "index": lambda _: _index("index"),
    "tagged child": lambda _: _index("tagged child", "1.0-amd64"),
    "referrer": lambda _: _referrer("referrer", "application/spdx+json"),
    "signature": lambda _: _referrer("signature", NOTATION),
    "chart": _chart,
    "untagged": lambda _: (_image("untagged", "untagged"),),
    "build cache": _build_cache,
    "locked": lambda _: (_image("locked", "locked", "1.0", locked=True),),
    "large": lambda size: (_image("large", "large", "1.0", size=size),),
}
"""How the artifacts of each kind are made, by the size of the large one."""


def _bytes(label: str, size: int) -> bytes:
    """Return bytes that do not compress, the same each time."""
    return Random(label).randbytes(size)  # noqa: S311 - filler, not a secret


def _json(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
