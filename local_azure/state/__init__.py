"""The state of the emulator: resources, content, directory, operations, faults and settings."""
