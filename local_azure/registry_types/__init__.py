"""The resource types of Microsoft.ContainerRegistry, one module per topic."""
