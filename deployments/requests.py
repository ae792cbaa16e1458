"""Request files: YAML or JSON, checked before any call is made. Imports neither Prefect nor Azure, to be quick."""

import json
import sys
from pathlib import Path

import yaml

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request import RelocationRequest, parse_request


def load(path: Path) -> RelocationRequest:
    """The request in a file; `-` is the standard input. Raises InvalidRequest, one message for all that is wrong."""
    text = _read(path)
    try:
        data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        kind = "JSON" if path.suffix == ".json" else "YAML"
        raise InvalidRequest(f"{path} is not {kind}: {' '.join(str(error).split())}") from None
    if data is None:
        raise InvalidRequest(f"{path} is empty", remedy="See examples/ for requests to start from.")
    try:
        return parse_request(data)
    except InvalidRequest as error:
        raise InvalidRequest(f"{path}: {error.message}", code=error.code, remedy=error.remedy) from None


def _read(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidRequest(f"There is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from None
