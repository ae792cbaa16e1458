"""All that we would keep if Prefect were replaced."""
