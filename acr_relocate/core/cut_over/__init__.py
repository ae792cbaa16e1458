"""The cut-over: the actions that make everything that depends on a registry use the target, and their undo."""

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Placeholder, holds_expected, is_satisfied
from acr_relocate.core.cut_over.build import build_cut_over
from acr_relocate.core.cut_over.effects import (
    ChangeResource,
    CreateResource,
    Secret,
    StorePassword,
    SwitchDependent,
    TryPull,
)
from acr_relocate.core.cut_over.model import (
    CutOver,
    CutOverAction,
    is_made_by,
    missing_principal,
    not_assignable,
    with_values,
)
from acr_relocate.core.cut_over.pull_tests import before_pull_tests, pull_refusal
from acr_relocate.core.cut_over.required_actions import missing_cut_over_rights, rights
from acr_relocate.core.cut_over.update_map import with_cut_over

__all__ = [
    "ArmCall",
    "ChangeResource",
    "CreateResource",
    "CutOver",
    "CutOverAction",
    "DoneWhen",
    "Placeholder",
    "Secret",
    "StorePassword",
    "SwitchDependent",
    "TryPull",
    "before_pull_tests",
    "build_cut_over",
    "holds_expected",
    "is_made_by",
    "is_satisfied",
    "missing_cut_over_rights",
    "missing_principal",
    "not_assignable",
    "pull_refusal",
    "rights",
    "with_cut_over",
    "with_values",
]
