"""The relocation request and its parts."""
