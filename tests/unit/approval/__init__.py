"""Unit tests of approval."""
