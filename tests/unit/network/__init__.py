"""Unit tests of network."""
