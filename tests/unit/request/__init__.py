"""Unit tests of request."""
