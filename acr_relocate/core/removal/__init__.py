"""The end of a source: what has to hold before it may be deleted, what nobody can know, and what a person is asked.

Nothing here is remembered from an earlier run: the grounds are read anew each time, also when a run is resumed.
"""

from acr_relocate.core.removal.source_approval import deletion_of
from acr_relocate.core.removal.source_blockers import obstacles
from acr_relocate.core.removal.source_detachments import Detached, orphaned_after_deletion, releases
from acr_relocate.core.removal.source_evidence import (
    DeletionEvidence,
    RegistryPull,
    content_fingerprint,
    contents,
    left_behind,
    logs_of_pulls,
    unknowable_facts,
)
from acr_relocate.core.removal.source_history import how_it_ended

__all__ = [
    "DeletionEvidence",
    "Detached",
    "RegistryPull",
    "content_fingerprint",
    "contents",
    "deletion_of",
    "how_it_ended",
    "left_behind",
    "logs_of_pulls",
    "obstacles",
    "orphaned_after_deletion",
    "releases",
    "unknowable_facts",
]
