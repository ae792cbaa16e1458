"""The only place that imports azure.* or speaks HTTP."""
