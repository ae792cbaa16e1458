"""Unit tests of references."""
