"""Files with what is known of a registry: a new one is for its owner alone, one that is there keeps its mode."""

import os
from pathlib import Path

from acr_relocate.core.errors import InvalidRequest

PRIVATE = 0o600


def write_private(path: Path, text: str) -> None:
    """The file has this text; a new one can be read by our user alone. Raises InvalidRequest."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from None
