"""Findings of Microsoft Defender and referrers by type: left out of copy, comparison and fingerprints, or not."""

from dataclasses import replace
from typing import Any

import pytest

from acr_relocate.core.checks import Evidence
from acr_relocate.core.checks.scanners import defender_writes
from acr_relocate.core.content.copy_roots import plan_copy_roots
from acr_relocate.core.content.scan_findings import scanned_images
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.pull_tests import is_gated, pull_test_actions
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.context import MapContext
from acr_relocate.core.registry.inventory import Manifest, Repository
from acr_relocate.core.removal.whole_copy import content_fingerprint
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification.content import compare
from tests.support.builders import content, digest, image, registry, repository, request
from tests.support.surroundings import assignment, cluster

IN_TOTO = "application/vnd.in-toto+json"
NOTATION = "application/vnd.cncf.notary.signature"
SBOM = "application/spdx+json"


def finding(name: str, subject: str) -> Manifest:
    return replace(image(name, subject=subject), artifact_type=IN_TOTO, scanner="MDVM")


def referrer(name: str, subject: str, kind: str) -> Manifest:
    return replace(image(name, subject=subject), artifact_type=kind)


SIGNED = (
    image("a"),
    referrer("signature", "a", NOTATION),
    referrer("sbom", "a", SBOM),
    referrer("attestation", "a", IN_TOTO),
)
SCANNED = (*SIGNED, finding("finding", "a"), referrer("signature of the finding", "finding", NOTATION))
PLAIN, WITH_FINDINGS = repository("app", *SIGNED, v1="a"), repository("app", *SCANNED, v1="a")


def travelling(held: Repository, **fields: Any) -> set[str]:
    return set(plan_copy_roots(held, Selection(**fields)).digests)


def names(*of: str) -> set[str]:
    return {digest(one) for one in of}


@pytest.mark.parametrize("narrowed", [{}, {"tags": ["v*"]}, {"untagged": False}])
def test_findings_and_their_signatures_do_not_travel(narrowed: dict[str, Any]) -> None:
    """All else does, attestations of the same type among it; unless a field of the request says so."""
    all_of_ours = names("a", "signature", "sbom", "attestation")

    assert travelling(WITH_FINDINGS, **narrowed) == all_of_ours
    assert travelling(WITH_FINDINGS, scan_findings=True, **narrowed) == all_of_ours | names(
        "finding", "signature of the finding"
    )


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"exclude_referrer_types": [SBOM]}, {"sbom"}),
        ({"exclude_referrer_types": ["application/spdx*"]}, {"sbom"}),
        ({"referrer_types": [NOTATION]}, {"sbom", "attestation"}),
        ({"referrer_types": ["/application/(spdx|vnd.cncf).*/"]}, {"attestation"}),
        ({"referrer_types": ["application/none"]}, {"signature", "sbom", "attestation"}),
        ({"referrers": False}, {"signature", "sbom", "attestation"}),
    ],
)
def test_referrers_are_selected_by_type(fields: dict[str, Any], left: set[str]) -> None:
    """Referrers of a referrer that is left out are left out with it; images are no referrers."""
    assert travelling(PLAIN, **fields) == names("a", "signature", "sbom", "attestation") - names(*left)


def test_a_scan_is_no_difference() -> None:
    """At neither side, whichever was scanned; what else only the target has is told."""
    here, there = content(WITH_FINDINGS), content(PLAIN)

    assert compare(here, there, Selection()) == compare(there, here, Selection()) == ()
    assert compare(there, here, Selection(scan_findings=True)) != ()
    assert compare(content(repository("app", image("a"), v1="a")), there, Selection()) != ()


def test_a_scan_makes_no_approval_void() -> None:
    """The fingerprints are of what people and pipelines push."""
    assert content_fingerprint(content(WITH_FINDINGS)) == content_fingerprint(content(PLAIN))
    assert content_fingerprint(content(PLAIN)) != content_fingerprint(content(repository("app", image("a"), v1="a")))


def test_the_plan_says_that_findings_are_left_out() -> None:
    """And how to have them moved; without findings it says nothing."""
    given = Evidence(request=request(), source=registry(), content=content(WITH_FINDINGS))
    asked = given.model_copy(update={"request": request(selection=Selection(scan_findings=True))})

    [said] = defender_writes(given)
    assert said.message.startswith("1 images")
    assert not [*defender_writes(asked)]
    assert not [*defender_writes(given.model_copy(update={"content": content(PLAIN)}))]


GATED = {"securityProfile": {"defender": {"securityGating": {"enabled": True}}}}


@pytest.mark.parametrize(("held", "is_ready"), [(PLAIN, False), (WITH_FINDINGS, True)])
def test_a_gated_cluster_waits_for_findings(held: Repository, is_ready: bool) -> None:
    """It pulls an image that has been scanned at the target; until then the cut-over says so."""
    around = Surroundings(clusters=(cluster(**GATED),), role_assignments=(assignment("kubelet-1"),))
    scene = MapContext(registry(), request(), around)

    [pull] = pull_test_actions(CutOverContext(scene, registry("contosoregistryne"), content(held)))

    assert is_gated(cluster(**GATED))
    assert ("findings of Microsoft Defender" in pull.refused) is not is_ready
    assert (f"app@{digest('a')}" in pull.what) is is_ready


def test_which_images_are_scanned() -> None:
    """By their findings, not by attestations of the same type."""
    assert scanned_images(SCANNED) == names("a")
    assert scanned_images(SIGNED) == frozenset()
