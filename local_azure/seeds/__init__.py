"""Registries to start from."""
