"""A rehearsal: the whole relocation of a small registry shaped like the source, in groups of its own."""
