"""Referrers that are left out: findings of Microsoft Defender with their signatures, and what the request excludes.

Defender for Containers appends its findings to images of every registry of a subscription with the plan, minutes after
a push or an import: at the target it makes them again. Copied and compared, they would differ for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from acr_relocate.core.registry.inventory import Manifest
from acr_relocate.core.request.name_patterns import matches
from acr_relocate.core.request.selection import Selection

SCANNERS: Final = frozenset({"mdvm"})
"""Who writes findings, in lower case: Microsoft Defender Vulnerability Management (the annotation `scanner`)."""


def scan_findings(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the digests of findings of a scanner, and of what refers to them: their signatures."""
    held = tuple(manifests)
    return _with_referring({one.digest for one in held if is_finding(one)}, held)


def is_finding(manifest: Manifest) -> bool:
    """Whether a scanner has appended it to an image."""
    return bool(manifest.subject) and manifest.scanner.lower() in SCANNERS


def scanned_images(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the digests of the images that have findings of a scanner."""
    return frozenset(one.subject for one in manifests if one.subject and is_finding(one))


def left_out_referrers(manifests: Iterable[Manifest], selection: Selection) -> frozenset[str]:
    """Return the digests of the referrers that the selection leaves out, with all that refers to them."""
    held = tuple(manifests)
    by_kind = {one.digest for one in held if one.subject and not _is_of_wanted_type(one, selection)}
    by_scanner = set() if selection.scan_findings else {one.digest for one in held if is_finding(one)}
    return _with_referring(by_kind | by_scanner, held)


def _is_of_wanted_type(manifest: Manifest, selection: Selection) -> bool:
    kind = manifest.artifact_type or manifest.media_type
    return matches(kind, selection.referrer_types) and not matches(kind, selection.exclude_referrer_types)


def _with_referring(digests: set[str], held: tuple[Manifest, ...]) -> frozenset[str]:
    found = set(digests)
    while digests:
        digests = {one.digest for one in held if one.subject in digests} - found
        found |= digests
    return frozenset(found)
