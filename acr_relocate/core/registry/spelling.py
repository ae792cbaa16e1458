"""Azure's words, which it writes now with a capital and now without, by api-version and by service."""

from __future__ import annotations


def says(value: object, word: str) -> bool:
    """Whether a value that Azure gave is this word. A value that is not there is no word."""
    return str(value if value is not None else "").lower() == word.lower()
