"""For every check: evidence in which exactly its violation is to be found, and evidence that is nearly so."""
