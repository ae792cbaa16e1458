"""Switching dependents: what of each changes, how it is seen to be healthy, and how it is restored."""

from acr_relocate.core.switching.facts import SwitchedDependent

__all__ = ["SwitchedDependent"]
