"""The seed of hard cases: what breaks tools that copy tags, one repository for each kind of trouble.

`easy/` arrives as it is; an index of more manifests than importImage takes has to be pushed after them. `HARD` are the
repositories with something in them that nothing brings: what a lock or the quarantine hides, an index of which a part
is missing.
"""

import json
from typing import Any, Final

from local_azure.seeds.images import (
    EMPTY_CONFIG,
    OCI_IMAGE_CONFIG,
    OCI_LAYER,
    RepositoryBuilder,
    descriptor,
    image_manifest,
    index_manifest,
    refer,
)
from local_azure.seeds.insert import plain_registry
from local_azure.state.content import Attributes
from local_azure.state.manifests import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Manifest, compose
from local_azure.state.world import World

SCHEMA1: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"
FOREIGN_LAYER: Final = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
READ_ONLY: Final = Attributes(delete=False, write=False)
LINUX: Final = {"architecture": "amd64", "os": "linux"}
HARD: Final = ("hard/incomplete", "hard/quarantined", "hard/unreadable")


def plant(world: World) -> None:
    """Plant the registry `contosoregistry` with hard cases only."""
    content, now = plain_registry(world), world.clock.now()

    def shelf(name: str) -> RepositoryBuilder:
        return RepositoryBuilder(content.repository(name, now), now)

    _images(shelf("easy/untagged"), shelf("easy/many-tags"))
    for name in ("easy/same/one", "easy/same/two", "easy/same/three"):
        _tagged(shelf(name), "the same", "1")
    _tagged(shelf("a"), "one letter", "_")
    _tagged(shelf("easy/" + "/".join(["long"] * 30)), "long", "T" * 128)
    _tagged(shelf("easy/odd__names.with-every--sign"), "odd", "_X.y-Z", "0", "sha256-is-no-digest")
    _indexes(shelf("easy/indexes"))
    _artifacts(shelf("easy/artifacts"))
    _referrers(shelf("easy/referrers"))
    _formats(shelf("easy/formats"))
    _locks(shelf("easy/locked"))
    _too_many(shelf("easy/too-many"))
    _unreadable(shelf("hard/unreadable"))
    _quarantined(shelf("hard/quarantined"))
    _incomplete(shelf("hard/incomplete"))


def _tagged(shelf: RepositoryBuilder, name: str, *tags: str) -> Manifest:
    image = shelf.image(name)
    shelf.tag(image, *tags)
    return image


def _images(untagged: RepositoryBuilder, many: RepositoryBuilder) -> None:
    untagged.image("never tagged")
    for number in range(3):
        untagged.tag(untagged.image(f"overwritten {number}"), "latest")
    _tagged(many, "many", *(f"v{number}" for number in range(120)))


def _indexes(shelf: RepositoryBuilder) -> None:
    """Plant an index in an index, a child with a tag of its own, attestations, and Docker's own kind of list."""
    inner = shelf.index("inner", ("amd64", "arm64"))
    outer = shelf.place(index_manifest([(inner, LINUX), (shelf.image("beside"), LINUX)]))
    shelf.tag(outer, "nested")
    shelf.tag(shelf.repository.manifests[inner.children[0]].manifest, "child")
    shelf.tag(shelf.index("attested", ("amd64", "arm64"), attested=True), "attested")
    shelf.tag(shelf.index("docker", ("amd64", "s390x"), docker=True), "docker-list")
    shelf.tag(shelf.place(compose({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []})), "empty")
    shelf.index("untagged", ("amd64",))


def _artifacts(shelf: RepositoryBuilder) -> None:
    """Plant artifacts that are not images: a chart, a module, an empty config, an empty layer."""
    shelf.tag(shelf.chart("shop", "1.0.0"), "chart")
    shelf.tag(shelf.artifact("application/vnd.contoso.module.v1", {"main.tf": "{}\n"}), "module")
    shelf.tag(shelf.artifact("application/vnd.contoso.nothing.v1", {"nothing": ""}), "nothing")
    no_bytes = image_manifest(descriptor(EMPTY_CONFIG, b""), [descriptor(OCI_LAYER, b"")])
    shelf.tag(shelf.place(no_bytes, b""), "no-bytes")


def _referrers(shelf: RepositoryBuilder) -> None:
    """Plant a chain of three on a child of an index, a signature of the index, cosign's tag, and a missing subject."""
    index = shelf.index("signed", ("amd64", "arm64"))
    shelf.tag(index, "signed")
    subject = shelf.repository.manifests[index.children[0]].manifest
    for number in range(3):
        subject = shelf.artifact(f"application/vnd.contoso.chain.v{number}", {"on": subject.digest}, subject=subject)
    shelf.artifact("application/vnd.cncf.notary.signature", {"signature.jws": "{}"}, subject=index)
    shelf.cosign(index)
    stranger = compose({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {}, "layers": []})
    shelf.artifact("application/vnd.contoso.orphan.v1", {"orphan": "its subject is gone"}, subject=stranger)


def _formats(shelf: RepositoryBuilder) -> None:
    """Plant Docker's first format, and a layer that is stored elsewhere."""
    layers = [{"blobSum": shelf.repository.put_blob(b"layer of 2014")}]
    history = [{"v1Compatibility": json.dumps({"id": "0" * 64})}]
    first: dict[str, Any] = {"schemaVersion": 1, "mediaType": SCHEMA1, "name": "easy/formats", "tag": "first"}
    shelf.tag(shelf.place(compose(first | {"fsLayers": layers, "history": history})), "first")
    foreign = descriptor(FOREIGN_LAYER, b"windows") | {"urls": ["https://mcr.microsoft.com/v2/windows/blobs/sha256:0"]}
    config = json.dumps({"architecture": "amd64", "os": "windows"}).encode()
    windows = image_manifest(descriptor(OCI_IMAGE_CONFIG, config), [foreign], DOCKER_MANIFEST)
    shelf.tag(shelf.place(windows, config), "windows")


def _locks(shelf: RepositoryBuilder) -> None:
    for name in ("tag", "manifest", "free"):
        _tagged(shelf, name, name)
    repository = shelf.repository
    repository.tags["tag"].attributes = READ_ONLY
    repository.manifests[repository.tags["manifest"].digest].attributes = READ_ONLY
    repository.attributes = READ_ONLY


def _too_many(shelf: RepositoryBuilder) -> None:
    """Plant an index of 51 images, which importImage does not take."""
    children = [(shelf.image(f"platform {number}"), LINUX) for number in range(51)]
    shelf.tag(shelf.place(index_manifest(children)), "all")


def _unreadable(shelf: RepositoryBuilder) -> None:
    locked = _tagged(shelf, "locked", "locked")
    _tagged(shelf, "open", "open")
    shelf.repository.manifests[locked.digest].attributes = Attributes(read=False)


def _quarantined(shelf: RepositoryBuilder) -> None:
    held = _tagged(shelf, "held", "held")
    _tagged(shelf, "passed", "passed")
    shelf.repository.manifests[held.digest].attributes = Attributes(quarantine="Quarantined")


def _incomplete(shelf: RepositoryBuilder) -> None:
    """Plant an index of which one image has been deleted since."""
    _tagged(shelf, "whole", "whole")
    kept, lost = shelf.image("kept"), shelf.image("lost")
    listed = [refer(kept, platform=LINUX), refer(lost, platform=LINUX)]
    shelf.tag(shelf.place(compose({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed})), "incomplete")
    shelf.repository.delete_manifest(lost.digest)
