"""Read the surroundings of a registry: dependents, attached resources and the evidence for the checks."""
