"""Hostile play over all flows: kills, faults, other people, forged records, full disks. `make test-hostile` runs it."""
