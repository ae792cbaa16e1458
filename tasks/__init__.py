"""One retryable contact with the world each: Prefect tasks."""
