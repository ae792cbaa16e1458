"""Deleting a source or rolling back a target: the conditions, the unknowable facts, and the question to a person.

Nothing is remembered from an earlier run: the evidence is read again each time, also when a run is resumed.
"""

from acr_relocate.core.removal.source_approval import deletion_of
from acr_relocate.core.removal.source_blockers import deletion_blockers
from acr_relocate.core.removal.source_detachments import orphaned_after_deletion, release_actions, releases
from acr_relocate.core.removal.source_evidence import (
    DeletionEvidence,
    RegistryUse,
    approved_source_loss,
    content_left_behind,
    logs_of_use,
    unknowable_facts,
)
from acr_relocate.core.removal.source_history import finish_in_words
from acr_relocate.core.removal.taken_facts import Detached, PendingDeletion

__all__ = [
    "DeletionEvidence",
    "Detached",
    "PendingDeletion",
    "RegistryUse",
    "approved_source_loss",
    "content_left_behind",
    "deletion_blockers",
    "deletion_of",
    "finish_in_words",
    "logs_of_use",
    "orphaned_after_deletion",
    "release_actions",
    "releases",
    "unknowable_facts",
]
