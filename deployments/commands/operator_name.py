"""The name of the person at the command, for the record of an approval."""

import getpass
import os


def operator_name() -> str:
    """Return the name of our user; in a container, where an account may have none, its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no variable and no entry in the user database: KeyError before Python 3.13
        return f"uid {os.getuid()}"
