"""Permissions: which actions each call needs, and who is granted them."""
