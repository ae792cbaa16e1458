"""The cut-over: what is done for everything that depends on a registry, so that it uses the target, and its undo."""

from acr_relocate.core.cut_over.drawing import detachments, draw_up
from acr_relocate.core.cut_over.model import Action, Call, CutOver, Fill, Look, Secret, filled, is_seen, matches
from acr_relocate.core.cut_over.promises import promised
from acr_relocate.core.cut_over.proofs import refusal
from acr_relocate.core.cut_over.rights import lacking, rights

__all__ = [
    "Action",
    "Call",
    "CutOver",
    "Fill",
    "Look",
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
