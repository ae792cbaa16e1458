"""Every way to start the flows."""
