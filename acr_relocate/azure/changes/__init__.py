"""Writes to Azure that change dependents, roll back a relocation, or delete the source."""
