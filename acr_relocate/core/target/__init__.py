"""The design of the target registry and the ARM template that creates it."""
