"""The registry's networks: layout, prerequisites, addresses and firewall rules."""
