"""Many relocations: their registries, waves, next starts and next steps."""
