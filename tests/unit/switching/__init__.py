"""Switching dependents: choosing, changing and restoring them, without Azure."""
