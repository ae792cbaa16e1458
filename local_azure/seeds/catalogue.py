"""What there is to start from: named seeds, and catalogues in JSON files.

A catalogue names the images of many repositories by their tags and architectures:
`{"source": "...", "repositories": {"nginx": [{"tags": ["1.27", "latest"], "shared": [], "arch": ["amd64"]}]}}`.
Each entry becomes one image: an index with a child for each architecture, or a plain manifest if there is only one.
Tags that several entries share (the data's `shared`) belong to the first of them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from local_azure.seeds import demo, fidelity
from local_azure.seeds.images import OCI_IMAGE_CONFIG, OCI_LAYER, base_layer, descriptor, image_manifest, index_manifest
from local_azure.seeds.insert import plain_registry
from local_azure.state.content import Repository
from local_azure.state.manifests import Manifest
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
EMPTY: Final = {"empty": "Premium", "empty-standard": "Standard"}
NAMES: Final = ", ".join(["demo", "fidelity", *EMPTY])


def plant(world: World, seed: str) -> None:
    """The world has what the seed describes: `demo`, `fidelity` (hard cases), `empty` (a registry alone), or a file."""
    if seed == "demo":
        demo.plant(world)
    elif seed == "fidelity":
        fidelity.plant(world)
    elif seed in EMPTY:
        plain_registry(world, EMPTY[seed])
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
    children = [_platform_image(repository, f"{name}:{image['tags'][0]}", arch, now) for arch in arches]
    top = children[0] if len(children) == 1 else _index(repository, children, arches, now)
    for tag in tags:
        if tag not in repository.tags:
            repository.put_tag(tag, top.digest, now)


def _index(repository: Repository, children: Sequence[Manifest], arches: Sequence[str], now: float) -> Manifest:
    index = index_manifest([(child, _platform(arch)) for child, arch in zip(children, arches, strict=True)])
    return repository.put_manifest(index, now).manifest


def _platform_image(repository: Repository, label: str, arch: str, now: float) -> Manifest:
    """The smallest image there can be: a layer that all images of an architecture share, and a config of its own."""
    layer, platform = base_layer(arch), _platform(arch)
    labels = {"org.opencontainers.image.ref.name": label}
    rootfs = {"type": "layers", "diff_ids": [layer.diff_id]}
    config = json.dumps({**platform, "config": {"Labels": labels}, "rootfs": rootfs}).encode()
    repository.put_blob(layer.data)
    repository.put_blob(config)
    manifest = image_manifest(descriptor(OCI_IMAGE_CONFIG, config), [descriptor(OCI_LAYER, layer.data)])
    return repository.put_manifest(manifest, now).manifest


def _platform(arch: str) -> dict[str, str]:
    return _PLATFORMS.get(arch, {"architecture": arch, "os": "linux"})
