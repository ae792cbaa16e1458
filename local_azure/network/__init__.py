"""Microsoft.Network, as far as registries touch it."""
