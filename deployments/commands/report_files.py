"""The names of the files that commands write about a relocation, in the folder `reports` of the state folder.

`SOURCE-plan.txt`, `SOURCE-manual-steps.sh` and so on are of the first target that a source is moved to; the files of a
further target are `SOURCE-to-TARGET-plan.txt`. A note in the folder says whose the short names are.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from acr_relocate.core.registry.stored_result import LARGEST_RESULT, read_stored
from acr_relocate.files import result_files
from acr_relocate.files.regular_files import read_regular
from deployments.commands.state import state_folder

Saved = TypeVar("Saved")

PLAN: Final = "plan"


def report_folder() -> Path:
    """Return the folder of all reports."""
    return state_folder() / "reports"


def claim_path(source: str, target: str, ending: str) -> Path:
    """Return the path of a file to write; the first target of a source takes the short names. Raises OSError."""
    note = _note(source)
    if target and not note.exists():
        note.parent.mkdir(parents=True, exist_ok=True, mode=result_files.PRIVATE_FOLDER)
        _take(note, target)
    return find_path(source, target, ending)


def find_path(source: str, target: str, ending: str) -> Path:
    """Return the path where such a file is, if it was written."""
    note = _note(source)
    is_first = not target or not note.exists() or note.read_text(encoding="utf-8") == _plain(target)
    stem = _plain(source) if is_first else f"{_plain(source)}-to-{_plain(target)}"
    return report_folder() / f"{stem}-{ending}"


def plans_of(source: str) -> Sequence[Path]:
    """Return the saved plans of a source, one for each target."""
    folder, name = report_folder(), _plain(source)
    return [*folder.glob(f"{name}-{PLAN}.json"), *sorted(folder.glob(f"{name}-to-*-{PLAN}.json"))]


def read_saved(kind: type[Saved], path: Path) -> Saved:
    """Return what a command has written down in the state folder. Raises RecordBroken or InvalidRequest."""
    text = read_regular(path, str(path), LARGEST_RESULT).decode(errors="replace")
    return read_stored(kind, text, f"the file {path}")


def _take(note: Path, target: str) -> None:
    """Write the note, unless another command has written it meanwhile."""
    try:
        with note.open("x", encoding="utf-8") as file:
            file.write(_plain(target))
    except FileExistsError:
        return


def _note(source: str) -> Path:
    return report_folder() / f".{_plain(source)}"


def _plain(name: str) -> str:
    """Return the name as part of a file name."""
    return "".join(letter for letter in name.lower() if letter.isalnum()) or "registry"
