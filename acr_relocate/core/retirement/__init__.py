"""The end of a source: what has to hold before it may be deleted, what nobody can know, and what a person is asked.

Nothing here is remembered from an earlier run: the grounds are read anew each time, also when a run is resumed.
"""

from acr_relocate.core.retirement.asking import deletion_of
from acr_relocate.core.retirement.grounds import (
    Grounds,
    Pull,
    content_fingerprint,
    contents,
    left_behind,
    logs_of_pulls,
    not_known,
)
from acr_relocate.core.retirement.obstacles import obstacles
from acr_relocate.core.retirement.record import how_it_ended
from acr_relocate.core.retirement.releases import Taken, outlived, releases

__all__ = [
    "Grounds",
    "Pull",
    "Taken",
    "content_fingerprint",
    "contents",
    "deletion_of",
    "how_it_ended",
    "left_behind",
    "logs_of_pulls",
    "not_known",
    "obstacles",
    "outlived",
    "releases",
]
