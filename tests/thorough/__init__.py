"""Tests that take too long for every `make test`: `make test-thorough` runs them."""
