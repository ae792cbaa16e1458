"""Unit tests of batch."""
