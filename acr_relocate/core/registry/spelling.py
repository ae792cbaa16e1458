"""Azure's words, which vary in capitals by api-version and by service."""

from __future__ import annotations


def says(value: object, word: str) -> bool:
    """Return whether a value from Azure is this word. An absent value is no word."""
    return str(value if value is not None else "").lower() == word.lower()
