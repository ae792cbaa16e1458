"""Unit tests of recordings."""
