"""Microsoft.Network, as far as registries touch it. Importing this package makes its types and routes known."""

from local_azure.network import dns, private_endpoints, virtual_networks, zone_groups

__all__ = ["dns", "private_endpoints", "virtual_networks", "zone_groups"]
