"""Real manifests there and back: `python -m benchmarks.references FOLDER HOST`, any folder and a host in its files.

A copy of the folder is rewritten to name another registry, and back. Says how many references there were, whether every
YAML document is the same object but for that host, whether the way back gives the same bytes, and how long it took.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import yaml

from acr_relocate.files.reference_scan import survey, write_references
from acr_relocate.references import Choice, Rename

NEW = "contosonorth.azurecr.io"


def main() -> None:
    """Both ways, and what came of it; status 1 if anything but the host has changed."""
    folder, host = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as place:
        copy = copytree(folder, Path(place) / "copy")
        began = time.perf_counter()
        seen = survey([copy], Rename(source=host, target=NEW), Choice(probable=True))
        write_references(seen)
        seconds = time.perf_counter() - began
        there = {path: path.read_bytes() for path in _files(copy)}
        write_references(survey([copy], Rename(source=NEW, target=host), Choice(probable=True)))
        back = [path for path in _files(copy) if path.read_bytes() != (folder / path.relative_to(copy)).read_bytes()]
    pairs = [(path, (folder / path.relative_to(copy)).read_bytes(), content) for path, content in there.items()]
    parsed = [(path, _objects(before), _objects(after)) for path, before, after in pairs]
    known = [(path, before, after) for path, before, after in parsed if before is not None]
    other = [path for path, before, after in known if _renamed(before, host) != after]
    count = sum(len(found.references) for found in seen.files)
    print(f"{count} references in {len(seen.files)} of {len(there)} files, {seconds:.2f} s")
    print(f"{len(known)} files of YAML parsed before and after: {len(other)} differ in more than the host")
    print(f"and back: {len(back)} files differ from the original bytes")
    sys.exit(bool(other or back))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _objects(content: bytes) -> list[Any] | None:
    """Return the documents of a YAML file; None for invalid YAML, such as the templates of a chart."""
    try:
        return list(yaml.safe_load_all(content))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


def _renamed(value: Any, host: str) -> Any:
    if isinstance(value, dict):
        return {_renamed(name, host): _renamed(inner, host) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, host) for inner in value]
    return value.replace(host, NEW) if isinstance(value, str) else value


if __name__ == "__main__":
    main()
