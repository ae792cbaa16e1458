"""Prefect server: start, connect, register deployments and automations."""
