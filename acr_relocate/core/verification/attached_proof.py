"""The proof of a move as an artifact that refers to a moved image (OCI image specification 1.1, "Artifacts Usage")."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final, NamedTuple

from acr_relocate.core.registry.inventory import MOVE_PROOF, Content
from acr_relocate.core.verification.proof import MoveStatement

ARTIFACT_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
EMPTY_CONFIG: Final = b"{}"
_EMPTY: Final = "application/vnd.oci.empty.v1+json"
_ENVELOPE: Final = "application/vnd.dsse.envelope.v1+json"


class MovedImage(NamedTuple):
    """An image of a move: its repository under the name of the source, and its digest."""

    repository: str
    digest: str


def images_of_move(statement: MoveStatement, content: Content) -> tuple[MovedImage, ...]:
    """Return the moved images at the target: manifests that neither refer to another nor are inside an index."""
    stated = {repository.name: frozenset(repository.manifests) for repository in statement.repositories}
    found: list[MovedImage] = []
    for repository in content.repositories:
        moved = stated.get(content.names.to_target(repository.name), frozenset[str]())
        inside = {child for manifest in repository.manifests for child in manifest.children}
        found += [
            MovedImage(repository.name, manifest.digest)
            for manifest in repository.manifests
            if manifest.digest in moved and manifest.digest not in inside and not manifest.subject
        ]
    return tuple(sorted(found))


def proof_artifact(envelope: bytes, subject: bytes, media_type: str, created: datetime) -> bytes:
    """Return the manifest that attaches the signed envelope to the image with these bytes; the same each time."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": ARTIFACT_MANIFEST,
        "artifactType": MOVE_PROOF,
        "config": _descriptor(_EMPTY, EMPTY_CONFIG),
        "layers": [_descriptor(_ENVELOPE, envelope)],
        "subject": _descriptor(media_type, subject),
        "annotations": {"org.opencontainers.image.created": created.isoformat(timespec="seconds")},
    }
    return json.dumps(manifest, separators=(",", ":")).encode()


def digest_of_bytes(content: bytes) -> str:
    """Return the digest of the bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of_bytes(content), "size": len(content)}
