"""Prefect tasks: one retryable call to the outside each."""
