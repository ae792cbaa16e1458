"""All differences that are planted in a relocated pair: a topic's module registers its own when it is imported."""

from tests.contract import (
    differences_around,
    differences_content,
    differences_harmless,
    differences_overlooked,
    differences_settings,
    differences_subtle,
    differences_unseen,
)
from tests.contract.differences import GATEWAY, HARMLESS, PLANTED, plant

__all__ = [
    "GATEWAY",
    "HARMLESS",
    "PLANTED",
    "differences_around",
    "differences_content",
    "differences_harmless",
    "differences_overlooked",
    "differences_settings",
    "differences_subtle",
    "differences_unseen",
    "plant",
]
