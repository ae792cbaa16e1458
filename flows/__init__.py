"""The steps of a relocation in order: Prefect flows that read like the article."""
