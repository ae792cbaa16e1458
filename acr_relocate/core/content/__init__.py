"""Images: the selection, the manifests behind it, and the plan of imports."""
