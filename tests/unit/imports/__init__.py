"""Unit tests of imports."""
