"""The dependency map: every Azure service that uses a registry or that it uses, and the strategy for each."""

from acr_relocate.core.dependencies.build_map import build_map, findings
from acr_relocate.core.dependencies.consumers import running_images
from acr_relocate.core.dependencies.model import (
    DEPENDENCY_KINDS,
    FAMILIES,
    STRATEGIES,
    Dependency,
    DependencyMap,
    Strategy,
    Unread,
)
from acr_relocate.core.dependencies.raw_surroundings import Surroundings

__all__ = [
    "DEPENDENCY_KINDS",
    "FAMILIES",
    "STRATEGIES",
    "Dependency",
    "DependencyMap",
    "Strategy",
    "Surroundings",
    "Unread",
    "build_map",
    "findings",
    "running_images",
]
