"""Report and plan as pages, and the diagrams in them."""
