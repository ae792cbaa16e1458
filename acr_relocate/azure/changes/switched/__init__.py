"""How each family of dependents is read, changed and seen to be healthy, for a switch."""
