"""Read what is around a registry: dependents, attached resources and the evidence for the checks."""
