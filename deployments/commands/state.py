"""The folder of this user with the history of runs, their reports and the log."""

import os
from pathlib import Path

from acr_relocate.core.errors import InvalidRequest


def state_folder() -> Path:
    """Return the folder: ACR_RELOCATE_STATE, or else below XDG_STATE_HOME. Raises InvalidRequest without a HOME."""
    if named := os.environ.get("ACR_RELOCATE_STATE"):
        return Path(named)
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111 - as below
    if home.startswith("~"):  # Path.home would raise a RuntimeError
        raise InvalidRequest(
            "HOME is not set, so there is no folder for the history of runs",
            remedy="Name one: ACR_RELOCATE_STATE=FOLDER.",
        )
    return Path(home) / "acr-relocate"
