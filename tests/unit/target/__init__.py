"""Unit tests of target."""
