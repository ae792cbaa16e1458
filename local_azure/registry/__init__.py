"""A registry's data plane: tokens, manifests, blobs and imports."""
