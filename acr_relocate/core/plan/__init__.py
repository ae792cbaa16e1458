"""The plan: what a relocation will do, and how long it takes."""
