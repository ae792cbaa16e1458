"""Writes to Azure that change dependents, take a relocation back, or delete the source."""
