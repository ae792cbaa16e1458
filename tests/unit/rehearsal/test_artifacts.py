"""The synthetic artifacts: one of each kind that the source holds, whole, and each after what it refers to."""

import json
from typing import get_args

import pytest

from acr_relocate.core.registry.inventory import BUILD_CACHE, Manifest, Repository
from acr_relocate.core.rehearsal.artifacts import ALWAYS, HELM_CONFIG, NOTATION, Kind, kinds_held, synthetic_artifacts
from tests.support.builders import LOCKED, content, digest, image, index, repository

KINDS: tuple[Kind, ...] = get_args(Kind)
LARGE = 3_000
ALL = synthetic_artifacts(KINDS, LARGE)


def of(name: str, kind: str, subject: str | None = None) -> Manifest:
    return Manifest(digest=digest(name), artifact_type=kind, subject=digest(subject) if subject else None)


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        (repository("app", index("i", "a"), image("a"), v1="i"), "index"),
        (repository("app", index("i", "a"), image("a"), v1="i", amd64="a"), "tagged child"),
        (repository("app", image("a"), image("sbom", subject="a"), v1="a"), "referrer"),
        (repository("app", image("a"), of("s", NOTATION, "a"), v1="a"), "signature"),
        (repository("app", of("c", HELM_CONFIG), v1="c"), "chart"),
        (repository("app", image("a")), "untagged"),
        (repository("app", of("b", BUILD_CACHE), cache="b"), "build cache"),
        (repository("app", image("a"), attributes=LOCKED, v1="a"), "locked"),
    ],
)
def test_a_kind_that_the_source_holds_is_rehearsed(held: Repository, kind: str) -> None:
    """And no other, but for an image and the large one."""
    found = kinds_held(content(held))

    assert set(found) == {*ALWAYS, kind, *(["index"] if kind == "tagged child" else [])}


def test_content_that_is_not_known_is_rehearsed_as_all_kinds() -> None:
    """Unknown is never taken for none."""
    assert kinds_held(None) == KINDS


def test_each_artifact_is_whole() -> None:
    """Every part of a manifest was pushed with it or before it, to the byte."""
    there: dict[str, int] = {}
    for artifact in ALL:
        there |= {blob.digest: len(blob.content) for blob in artifact.blobs}
        body = json.loads(artifact.manifest.content)
        listed = [*([body["config"]] if "config" in body else []), *body.get("layers", ()), *body.get("manifests", ())]
        listed += [body["subject"]] if "subject" in body else []
        assert all(there.get(one["digest"]) == one["size"] for one in listed), artifact.kind
        there[artifact.manifest.digest] = len(artifact.manifest.content)


def test_the_kinds_are_what_they_are_called() -> None:
    """A large layer of the given size, an untagged manifest, a locked tag, a child with a tag of its own."""
    by_kind = {kind: [one for one in ALL if one.kind == kind] for kind in KINDS}

    assert max(len(blob.content) for blob in by_kind["large"][0].blobs) == LARGE
    assert by_kind["untagged"][0].tags == ()
    assert by_kind["locked"][0].locked
    assert [one.tags for one in by_kind["tagged child"]] == [("1.0-amd64",), (), ("1.0",)]
    assert json.loads(by_kind["signature"][1].manifest.content)["artifactType"] == NOTATION
