"""The design of the target registry and the ARM template that makes it."""
