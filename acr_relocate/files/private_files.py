"""Write files with facts about a registry: a new one is readable by its owner alone, an existing one keeps its mode."""

import os
from pathlib import Path

from acr_relocate.core.errors import InvalidRequest

PRIVATE = 0o600


def write_private(path: Path, text: str) -> None:
    """Write the text; a new file is readable by our user alone. Raises InvalidRequest."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from None
