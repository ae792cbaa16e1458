"""Referrers to leave out: findings of Microsoft Defender with their signatures, and those that the request excludes.

Defender for Containers appends its findings to images of every registry of a subscription with the plan, minutes after
a push or an import: it recreates them at the target. Copied and compared, they would always differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from acr_relocate.core.registry.inventory import Manifest
from acr_relocate.core.request.name_patterns import matches_any
from acr_relocate.core.request.selection import Selection

SCANNERS: Final = frozenset({"mdvm"})
"""The scanner, in lower case: Microsoft Defender Vulnerability Management (the annotation `scanner`)."""


def scan_findings(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the digests of scan findings, and of their signatures."""
    held = tuple(manifests)
    return _with_referring({one.digest for one in held if is_finding(one)}, held)


def proofs_of_moves(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the digests of the proofs of moves: at a target they are ours, and no difference."""
    return frozenset(one.digest for one in manifests if one.is_move_proof)


def is_finding(manifest: Manifest) -> bool:
    """Return whether a scanner has appended it to an image."""
    return bool(manifest.subject) and manifest.scanner.lower() in SCANNERS


def scanned_images(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the digests of the images that have findings of a scanner."""
    return frozenset(one.subject for one in manifests if one.subject and is_finding(one))


def left_out_referrers(manifests: Iterable[Manifest], selection: Selection) -> frozenset[str]:
    """Return the digests of the referrers that the selection leaves out, with their own referrers."""
    held = tuple(manifests)
    by_kind = {one.digest for one in held if one.subject and not _is_of_wanted_type(one, selection)}
    by_scanner = set() if selection.scan_findings else {one.digest for one in held if is_finding(one)}
    return _with_referring(by_kind | by_scanner, held)


def _is_of_wanted_type(manifest: Manifest, selection: Selection) -> bool:
    kind = manifest.artifact_type or manifest.media_type
    return matches_any(kind, selection.referrer_types) and not matches_any(kind, selection.exclude_referrer_types)


def _with_referring(digests: set[str], held: tuple[Manifest, ...]) -> frozenset[str]:
    found = set(digests)
    while digests:
        digests = {one.digest for one in held if one.subject in digests} - found
        found |= digests
    return frozenset(found)
