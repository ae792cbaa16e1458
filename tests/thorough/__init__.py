"""What takes too long for every `make test`: `make test-thorough` runs it."""
