"""Azure Resource Graph: a small and honest part of its query language."""
