"""The states to start from: named seeds, and catalogues in JSON files.

A catalogue names the images of many repositories by their tags and architectures:
`{"source": "...", "repositories": {"nginx": [{"tags": ["1.27", "latest"], "shared": [], "arch": ["amd64"]}]}}`.
Each entry becomes one image: an index with a child for each architecture, or a plain manifest if there is only one.
Tags that several entries share (the data's `shared`) belong to the first of them. An entry may also have

    "layers": [31000000, 4500000]     the bytes of its layers, for each architecture; the first are those of the base,
                                      which all images of the same architecture and sizes share
    "platform_tags": {"arm64v8": ["1.27-arm64"]}     tags of the children
    "referrers": [{"type": "application/vnd.cyclonedx+json", "size": 90000}]     artifacts about the image

Manifests say these sizes; what is kept here for a layer is a few bytes.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from local_azure.seeds import demo, fidelity
from local_azure.seeds.images import (
    EMPTY_CONFIG,
    OCI_IMAGE_CONFIG,
    OCI_LAYER,
    base_layer,
    descriptor,
    image_manifest,
    index_manifest,
    refer,
    tar_gz,
)
from local_azure.seeds.insert import plain_registry
from local_azure.state.content import Repository
from local_azure.state.manifests import OCI_MANIFEST, Manifest, compose
from local_azure.state.world import World

# The names of the official images for what OCI calls architecture and variant.
_PLATFORMS: Final = {
    "amd64": {"architecture": "amd64", "os": "linux"},
    "arm32v5": {"architecture": "arm", "variant": "v5", "os": "linux"},
    "arm32v6": {"architecture": "arm", "variant": "v6", "os": "linux"},
    "arm32v7": {"architecture": "arm", "variant": "v7", "os": "linux"},
    "arm64v8": {"architecture": "arm64", "variant": "v8", "os": "linux"},
    "i386": {"architecture": "386", "os": "linux"},
    "windows-amd64": {"architecture": "amd64", "os": "windows"},
}
EMPTY: Final = b"{}"
PLAIN: Final = {"empty": "Premium", "empty-standard": "Standard"}
NAMES: Final = ", ".join(["demo", "fidelity", *PLAIN])


def plant(world: World, seed: str) -> None:
    """Plant a seed: `demo`, `fidelity` (hard cases), `empty` (a registry alone), or a file."""
    if seed == "demo":
        demo.plant(world)
    elif seed == "fidelity":
        fidelity.plant(world)
    elif seed in PLAIN:
        plain_registry(world, PLAIN[seed])
    elif Path(seed).is_file():
        _plant_catalogue(world, json.loads(Path(seed).read_text(encoding="utf-8")))
    else:
        raise SystemExit(f"local-azure: there is no seed {seed}; there are {NAMES}, and catalogues in JSON files")


def _plant_catalogue(world: World, catalogue: dict[str, Any]) -> None:
    if not isinstance(catalogue.get("repositories"), dict):
        raise SystemExit("local-azure: a catalogue needs `repositories`: a list of images for each name")
    content, now = plain_registry(world), world.clock.now()
    for name, images in catalogue["repositories"].items():
        repository = content.repository(name, now)
        for image in images:
            _add_image(repository, name, image, now)


def _add_image(repository: Repository, name: str, image: dict[str, Any], now: float) -> None:
    tags, arches = [*image["tags"], *image.get("shared", ())], image.get("arch") or ["amd64"]
    label, sizes = f"{name}:{image['tags'][0]}", image.get("layers") or ()
    children = [_platform_image(repository, label, arch, sizes, now) for arch in arches]
    top = children[0] if len(children) == 1 else _index(repository, children, arches, now)
    own = {arch: image.get("platform_tags", {}).get(arch, ()) for arch in arches}
    named = [(tag, top) for tag in tags] + [
        (tag, child) for arch, child in zip(arches, children, strict=True) for tag in own[arch]
    ]
    for tag, manifest in named:
        if tag not in repository.tags:
            repository.put_tag(tag, manifest.digest, now)
    for referrer in image.get("referrers", ()):
        _add_referrer(repository, top, str(referrer["type"]), int(referrer.get("size") or 0), now)


def _add_referrer(repository: Repository, subject: Manifest, kind: str, size: int, now: float) -> None:
    data = json.dumps({"about": subject.digest, "type": kind}).encode()
    repository.put_blob(EMPTY)
    repository.put_blob(data)
    layer = descriptor(kind, data) | ({"size": size} if size else {})
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": kind,
        "config": descriptor(EMPTY_CONFIG, EMPTY),
        "layers": [layer],
        "subject": refer(subject),
    }
    repository.put_manifest(compose(document), now)


def _index(repository: Repository, children: Sequence[Manifest], arches: Sequence[str], now: float) -> Manifest:
    index = index_manifest([(child, _platform(arch)) for child, arch in zip(children, arches, strict=True)])
    return repository.put_manifest(index, now).manifest


def _platform_image(repository: Repository, label: str, arch: str, sizes: Sequence[int], now: float) -> Manifest:
    """Return the smallest possible image: a layer shared by all images of an architecture, and its own config.

    With sizes it has so many layers that say so; all but the last are shared by images with the same ones.
    """
    layer, platform = base_layer(arch), _platform(arch)
    labels = {"org.opencontainers.image.ref.name": label}
    rootfs = {"type": "layers", "diff_ids": [layer.diff_id]}
    config = json.dumps({**platform, "config": {"Labels": labels}, "rootfs": rootfs}).encode()
    repository.put_blob(config)
    layers = [_sized_layer(repository, f"{arch}/{size}", size) for size in sizes[:-1]]
    layers += [_sized_layer(repository, f"{label}/{arch}/{size}", size) for size in sizes[-1:]]
    if not sizes:
        repository.put_blob(layer.data)
        layers = [descriptor(OCI_LAYER, layer.data)]
    manifest = image_manifest(descriptor(OCI_IMAGE_CONFIG, config), layers)
    return repository.put_manifest(manifest, now).manifest


def _sized_layer(repository: Repository, name: str, size: int) -> dict[str, Any]:
    data = tar_gz({"layer": name}).data
    repository.put_blob(data)
    return descriptor(OCI_LAYER, data) | {"size": size}


def _platform(arch: str) -> dict[str, str]:
    return _PLATFORMS.get(arch, {"architecture": arch, "os": "linux"})
