"""Manifests have been pushed by anybody: whatever stands in one, it is read, and stops only itself."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from acr_relocate.azure.client.manifest_bodies import manifest_body
from acr_relocate.azure.content.blobs import descriptors
from acr_relocate.azure.content.listing import _complete, _manifest
from acr_relocate.azure.content.source_parts import _digests

DIGEST = f"sha256:{'a' * 64}"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9) | st.just(DIGEST)
KEYS = st.sampled_from(["digest", "mediaType", "size", "urls", "blobSum", "artifactType", "annotations", "x"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=9
)
PARTS = st.sampled_from(
    ["manifests", "layers", "blobs", "config", "subject", "annotations", "artifactType", "fsLayers", "mediaType"]
)


@given(st.dictionaries(PARTS, VALUES))
@example({"manifests": [None, {"digest": 5}, {"digest": "../../../acr/v1/_catalog"}], "layers": "x", "config": ["x"]})
@example({"subject": {"digest": ["x"]}, "artifactType": {"x": 1}, "annotations": {"scanner": None}})
def test_any_manifest_is_read(body: dict[str, Any]) -> None:
    """Only digests are digests: nothing else becomes a path of a request, or a child."""
    read = _complete(_manifest({"digest": DIGEST}), manifest_body(json.dumps(body).encode()))
    named = {*read.children, read.subject or DIGEST, *(one["digest"] for one in descriptors(body))}
    named |= {each for part in body.values() for each in _digests(part)}

    assert {type(one) for one in named} == {str}
    assert not any(set(one) & set("/?#% ") for one in named)


@given(st.binary(max_size=40))
@example(b"[" * 100_000)
@example(b'{"a": 1e400')
@example(b"[]")
def test_any_bytes_have_a_body(content: bytes) -> None:
    """Such as a manifest of no JSON: its digest is right, so a second reading would bring the same."""
    assert isinstance(manifest_body(content), dict)
