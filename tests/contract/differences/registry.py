"""All differences that are planted in a relocated pair: a topic's module registers its own when it is imported."""

from tests.contract.differences import (
    GATEWAY,
    HARMLESS,
    PLANTED,
    beyond_names_and_counts,
    content,
    dependents,
    ignored,
    not_detectable,
    plant,
    settings,
    values,
)

__all__ = [
    "GATEWAY",
    "HARMLESS",
    "PLANTED",
    "beyond_names_and_counts",
    "content",
    "dependents",
    "ignored",
    "not_detectable",
    "plant",
    "settings",
    "values",
]
