"""Unit tests of azure."""
