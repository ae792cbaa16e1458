"""Templates as files: written for a person to edit, and read again only if they still match the approved ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.files.private_files import write_private
from acr_relocate.files.regular_files import read_regular

_LARGEST: Final = 16 * 1024 * 1024
"""Bytes; ARM takes a template of 4 MB at most."""


def identify(path: Path) -> TemplateFile:
    """Return the file's full path and hash. Raises InvalidRequest if it cannot be read."""
    return TemplateFile(path=str(path.resolve()), sha256=hashlib.sha256(_read(path)).hexdigest())


def read_template(file: TemplateFile) -> dict[str, Any] | None:
    """Return the template in the file, or None if the request names none. Raises InvalidRequest if it has changed."""
    if not file.path:
        return None
    data = _read(Path(file.path))
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InvalidRequest(
            f"{file.path} is no longer the template of the request: its SHA-256 has changed",
            remedy="Give it with --template FILE again: that makes a plan of its own.",
        )
    try:
        template = json.loads(data)
    except ValueError as error:
        raise InvalidRequest(f"{file.path} is not JSON: {error}") from None
    if not isinstance(template, dict):
        raise InvalidRequest(f"{file.path} is not a template: it is no JSON object")
    return template


def write_template(path: Path, template: dict[str, Any]) -> None:
    """Write the template to the file, formatted for editing. Raises InvalidRequest if that fails."""
    write_private(path, json.dumps(template, indent=2, ensure_ascii=False) + "\n")


def _read(path: Path) -> bytes:
    return read_regular(path, str(path), _LARGEST)
