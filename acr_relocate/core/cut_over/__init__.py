"""The cut-over: what is done for everything that depends on a registry, so that it uses the target, and its undo."""

from acr_relocate.core.cut_over.build import detachments, draw_up
from acr_relocate.core.cut_over.model import (
    ArmCall,
    CutOver,
    CutOverAction,
    DoneWhen,
    Placeholder,
    Secret,
    filled,
    is_seen,
    matches,
)
from acr_relocate.core.cut_over.pull_tests import refusal
from acr_relocate.core.cut_over.required_actions import lacking, rights
from acr_relocate.core.cut_over.update_map import promised

__all__ = [
    "ArmCall",
    "CutOver",
    "CutOverAction",
    "DoneWhen",
    "Placeholder",
    "Secret",
    "detachments",
    "draw_up",
    "filled",
    "is_seen",
    "lacking",
    "matches",
    "promised",
    "refusal",
    "rights",
]
