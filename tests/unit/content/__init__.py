"""Unit tests of content."""
