"""Registry content over the data plane: list, compare blobs, push, prune and freeze."""
