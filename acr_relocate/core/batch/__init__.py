"""Many relocations: which registries, in which waves, what is to be started now, and what each needs next."""
