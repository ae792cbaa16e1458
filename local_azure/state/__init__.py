"""What the emulator remembers: resources, content, directory, operations, faults and settings."""
