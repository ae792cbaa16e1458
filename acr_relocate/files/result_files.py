"""Write reports and scripts to the disk: for their owner alone, and atomically."""

import os
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
PRIVATE_SCRIPT: Final = 0o700
PRIVATE_FOLDER: Final = 0o700


def write_result(path: Path, text: str, *, mode: int = OWNER_ONLY) -> None:
    """Write a file that only its owner can read, in place of an earlier one. Raises OSError.

    Its folder is created for its owner alone if it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask or an existing file
            file.write(text)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
