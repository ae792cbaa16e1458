"""The model of a registry: inventory, regions, resource types, ids and image references."""
