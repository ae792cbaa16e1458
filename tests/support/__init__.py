"""Helpers that tests of several subjects use."""
