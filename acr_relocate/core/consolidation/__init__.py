"""Several registries into one: what each gives, where they differ, and what of it one of them takes back."""
