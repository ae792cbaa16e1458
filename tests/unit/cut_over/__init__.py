"""Unit tests of cut over."""
