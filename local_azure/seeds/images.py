"""Builds real, pullable content: images, indexes, charts, signatures and other artifacts with small, valid layers."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from local_azure.state.content import Repository
from local_azure.state.manifests import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Manifest,
    compose,
    digest_of,
)

OCI_IMAGE_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
HELM_CONFIG: Final = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
EMPTY_CONFIG: Final = "application/vnd.oci.empty.v1+json"
COSIGN_LAYER: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
IN_TOTO: Final = "application/vnd.in-toto+json"

# What an image manifest calls itself, its config and its layers, in both worlds.
_OCI: Final = (OCI_MANIFEST, OCI_IMAGE_CONFIG, OCI_LAYER)
_DOCKER: Final = (
    DOCKER_MANIFEST,
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)


@dataclass(frozen=True)
class Layer:
    """A compressed layer and the digest of what is inside, which the image's config repeats."""

    data: bytes
    diff_id: str


def tar_gz(files: Mapping[str, str]) -> Layer:
    """Return the files as a gzip tar; the same files give the same bytes, always."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, text in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return Layer(gzip.compress(plain.getvalue(), compresslevel=1, mtime=0), digest_of(plain.getvalue()))


@cache
def base_layer(name: str) -> Layer:
    """Return a layer that many images share, as those of one distribution do."""
    return tar_gz(
        {"etc/os-release": f'NAME="{name}"\nID={name.split("-", maxsplit=1)[0]}\n', "etc/hostname": "container\n"}
    )


def descriptor(media_type: str, data: bytes, **extra: Any) -> dict[str, Any]:
    """Return a manifest's descriptor of these bytes."""
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **extra}


def image_manifest(config: dict[str, Any], layers: list[dict[str, Any]], media_type: str = OCI_MANIFEST) -> Manifest:
    """Return the manifest of an image or artifact."""
    return compose(_manifest(media_type, config, layers))


def index_manifest(children: Sequence[tuple[Manifest, dict[str, str]]]) -> Manifest:
    """Return the OCI index of these children and their platforms."""
    listed = [refer(child, platform=platform) for child, platform in children]
    return compose({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed})


def refer(manifest: Manifest, **extra: Any) -> dict[str, Any]:
    """Return the descriptor of this manifest for an index or a subject."""
    return {"mediaType": manifest.media_type, "digest": manifest.digest, "size": len(manifest.raw), **extra}


class RepositoryBuilder:
    """Puts what it builds into one repository, each thing a minute after the one before."""

    def __init__(self, repository: Repository, now: float) -> None:
        self.repository = repository
        self.now = now

    def image(
        self,
        name: str,
        *,
        arch: str = "amd64",
        base: str = "debian-12",
        docker: bool = False,
        layers: Sequence[Layer] = (),
    ) -> Manifest:
        """Return a single-platform image whose content is unique to `name` and `arch`."""
        media_type, config_type, layer_type = _DOCKER if docker else _OCI
        own = tar_gz({"app/VERSION": f"{name}\n", f"app/bin/{arch}": f"#!/bin/sh\necho {name} on {arch}\n"})
        stack = [base_layer(f"{base}-{arch}"), *layers, own]
        config = json.dumps(_config(arch, stack, name)).encode()
        described = [descriptor(layer_type, layer.data) for layer in stack]
        manifest = image_manifest(descriptor(config_type, config), described, media_type)
        return self.place(manifest, config, *(layer.data for layer in stack))

    def index(self, name: str, arches: Sequence[str], *, docker: bool = False, attested: bool = False) -> Manifest:
        """Return a multi-platform image; with BuildKit's attestation child for each platform if `attested`."""
        children = [self.image(name, arch=arch, docker=docker) for arch in arches]
        listed = [refer(child, platform=_platform(arch)) for child, arch in zip(children, arches, strict=True)]
        if attested:
            listed += [refer(self._attestation(child), **_attests(child)) for child in children]
        media_type = DOCKER_LIST if docker else OCI_INDEX
        return self.place(compose({"schemaVersion": 2, "mediaType": media_type, "manifests": listed}))

    def chart(self, name: str, version: str) -> Manifest:
        """Return a Helm 3 chart."""
        about = {"apiVersion": "v2", "name": name, "version": version, "type": "application"}
        lines = "".join(f"{key}: {value}\n" for key, value in about.items())
        chart = tar_gz({f"{name}/Chart.yaml": lines, f"{name}/values.yaml": "replicas: 2\n"})
        config = json.dumps(about).encode()
        layers = [descriptor(HELM_CHART, chart.data)]
        return self.place(image_manifest(descriptor(HELM_CONFIG, config), layers), config, chart.data)

    def artifact(self, kind: str, files: Mapping[str, str], subject: Manifest | None = None) -> Manifest:
        """Return an ORAS artifact of the media type `kind`; with a subject it is that one's referrer."""
        config = b"{}"
        layers = [
            descriptor(kind, text.encode(), annotations={"org.opencontainers.image.title": name})
            for name, text in files.items()
        ]
        document = _manifest(OCI_MANIFEST, descriptor(EMPTY_CONFIG, config), layers) | {"artifactType": kind}
        if subject:
            document["subject"] = refer(subject)
        return self.place(compose(document), config, *(text.encode() for text in files.values()))

    def cosign(self, signed: Manifest) -> Manifest:
        """Return a cosign signature under its `sha256-….sig` tag."""
        payload = json.dumps(
            {"critical": {"image": {"docker-manifest-digest": signed.digest}}, "optional": None}
        ).encode()
        note = {"dev.cosignproject.cosign/signature": hashlib.sha512(payload).hexdigest()[:96]}
        config = json.dumps(_config("", [], "")).encode()
        layers = [descriptor(COSIGN_LAYER, payload, annotations=note)]
        manifest = self.place(image_manifest(descriptor(OCI_IMAGE_CONFIG, config), layers), config, payload)
        self.tag(manifest, signed.digest.replace(":", "-") + ".sig")
        return manifest

    def tag(self, manifest: Manifest, *names: str) -> None:
        """Point the names to the manifest."""
        for name in names:
            self.repository.put_tag(name, manifest.digest, self.now)

    def _attestation(self, child: Manifest) -> Manifest:
        statement = {"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"digest": child.digest}]}
        blob = json.dumps(statement).encode()
        config = json.dumps(_config("unknown", [], child.digest) | {"os": "unknown"}).encode()
        layers = [descriptor(IN_TOTO, blob)]
        return self.place(image_manifest(descriptor(OCI_IMAGE_CONFIG, config), layers), config, blob)

    def place(self, manifest: Manifest, *blobs: bytes) -> Manifest:
        """Store the manifest with its blobs in the repository, a minute after the one before."""
        for blob in blobs:
            self.repository.put_blob(blob)
        self.now += 60
        self.repository.put_manifest(manifest, self.now)
        return manifest


def _manifest(media_type: str, config: dict[str, Any], layers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers}


def _config(arch: str, layers: Sequence[Layer], label: str) -> dict[str, Any]:
    return {
        "architecture": arch,
        "os": "linux",
        "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": {"org.opencontainers.image.ref.name": label}},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }


def _platform(arch: str) -> dict[str, str]:
    return {"architecture": arch, "os": "linux"}


def _attests(child: Manifest) -> dict[str, Any]:
    note = {"vnd.docker.reference.digest": child.digest, "vnd.docker.reference.type": "attestation-manifest"}
    return {"annotations": note, "platform": {"architecture": "unknown", "os": "unknown"}}
