"""What takes too long for every `make test`: `make test-thorough` runs it, half an hour on two cores."""
