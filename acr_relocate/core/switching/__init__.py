"""Switching dependents: what of each changes, how it is seen to be healthy, and how it is restored."""

from acr_relocate.core.switching.facts import SwitchedDependent, require_true_servers

__all__ = ["SwitchedDependent", "require_true_servers"]
