"""Neighbouring services: AKS, Event Grid, Log Analytics, Key Vault, alerts and container apps."""
