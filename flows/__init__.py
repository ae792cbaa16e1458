"""What happens, in order: Prefect flows that read like the article."""
