"""Unit tests of dependencies."""
