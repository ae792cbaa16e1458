"""Unit tests of removal."""
