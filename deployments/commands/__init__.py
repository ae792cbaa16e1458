"""The commands of the CLI."""
