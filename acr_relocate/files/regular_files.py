"""Read files that people name: regular ones, up to a size. A pipe would block for ever, a device has no end."""

import os
import stat
from pathlib import Path

from acr_relocate.core.errors import InvalidRequest


def read_regular(path: Path, name: str, largest: int) -> bytes:
    """Return the bytes of the file, called `name` in messages. Raises InvalidRequest, also beyond `largest` bytes."""
    try:
        # Without waiting for a writer, where it is a named pipe; and no terminal becomes ours.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidRequest(
                    f"{name} is not a regular file", remedy="Save it in a file, or give it as the standard input."
                )
            data = file.read(largest + 1)
    except FileNotFoundError:
        raise InvalidRequest(f"There is no file {name}") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise InvalidRequest(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > largest:
        raise InvalidRequest(f"{name} is too large: more than {largest // 1024 // 1024} MiB")
    return data
