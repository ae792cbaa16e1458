"""The blobs that a manifest names, whatever kind of manifest it is."""

from typing import Any

import pytest

from acr_relocate.azure.content.blobs import descriptors

INDEX = "application/vnd.oci.image.manifest.v1+json"
ALG = "sha256:"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@pytest.mark.parametrize(
    ("manifest", "named"),
    [
        (
            {
                "config": {"digest": f"{ALG}c"},
                "layers": [{"digest": f"{ALG}a"}, {"digest": f"{ALG}b", "urls": ["https://x"]}],
            },
            "cab",
        ),
        ({"blobs": [{"digest": f"{ALG}a"}]}, "a"),
        ({"fsLayers": [{"blobSum": f"{ALG}a"}, {"blobSum": f"{ALG}b"}]}, "ab"),
        ({"manifests": [{"digest": f"{ALG}a", "mediaType": INDEX}, {"digest": f"{ALG}b", "mediaType": LAYER}]}, "b"),
        ({"config": None, "layers": None}, ""),
        ({"layers": ["not a descriptor", {}]}, ""),
    ],
    ids=["an image", "an artifact", "schema 1", "an index over blobs, as BuildKit's caches", "nulls", "odd parts"],
)
def test_the_blobs_of_a_manifest(manifest: dict[str, Any], named: str) -> None:
    """Those that a registry is asked for before the last other copy goes."""
    assert [one["digest"] for one in descriptors(manifest)] == [f"{ALG}{each}" for each in named]
