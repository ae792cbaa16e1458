"""The domain: pure functions over frozen models. No I/O, no clock."""
