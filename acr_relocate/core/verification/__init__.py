"""Compare a source with a target at any time: content, settings, network, dependents. No difference means relocated."""

from acr_relocate.core.verification.blobs import BlobCheck, BlobReading, BlobsRead, ManifestPage, compare_blobs, to_read
from acr_relocate.core.verification.callbacks import Callbacks, compare_callbacks, not_asked
from acr_relocate.core.verification.compare import (
    RegistrySnapshot,
    SnapshotPair,
    compare_any,
    compare_relocated,
    compare_surroundings,
)
from acr_relocate.core.verification.content import compare
from acr_relocate.core.verification.dependents import compare_dependents
from acr_relocate.core.verification.differences import Difference, DifferenceKind, difference, unclean
from acr_relocate.core.verification.network import compare_network
from acr_relocate.core.verification.settings import compare_plainly, compare_reading, compare_settings
from acr_relocate.core.verification.source_references import find_mentions, is_named, unnamed

__all__ = [
    "BlobCheck",
    "BlobReading",
    "BlobsRead",
    "Callbacks",
    "Difference",
    "DifferenceKind",
    "ManifestPage",
    "RegistrySnapshot",
    "SnapshotPair",
    "compare",
    "compare_any",
    "compare_blobs",
    "compare_callbacks",
    "compare_dependents",
    "compare_network",
    "compare_plainly",
    "compare_reading",
    "compare_relocated",
    "compare_settings",
    "compare_surroundings",
    "difference",
    "find_mentions",
    "is_named",
    "not_asked",
    "to_read",
    "unclean",
    "unnamed",
]
