"""Request files: YAML or JSON, checked before any call is made. Imports neither Prefect nor Azure, to be quick."""

import json
import sys
from pathlib import Path

import yaml

from acr_relocate import template_files
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request import RelocationRequest, parse_request


def load(path: Path, template: Path | None = None) -> RelocationRequest:
    """The request in a file; `-` is the standard input. Raises InvalidRequest, one message for all that is wrong.

    `template` is an edited template to deploy. A request may name one itself, by a path from where the request is.
    """
    text = _read(path)
    try:
        data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        kind = "JSON" if path.suffix == ".json" else "YAML"
        raise InvalidRequest(f"{path} is not {kind}: {' '.join(str(error).split())}") from None
    if data is None:
        raise InvalidRequest(f"{path} is empty", remedy="See examples/ for requests to start from.")
    try:
        return parse_request(_with_template(data, path, template))
    except InvalidRequest as error:
        raise InvalidRequest(f"{path}: {error.message}", code=error.code, remedy=error.remedy) from None


def _with_template(data: object, path: Path, template: Path | None) -> object:
    """The request with its edited template identified, so that it is known again."""
    if not isinstance(data, dict):
        return data
    named = data.get("template")
    named_path = named.get("path") if isinstance(named, dict) and not named.get("sha256") else None
    if template is None and isinstance(named_path, str) and named_path:
        template = path.parent / named_path
    return data if template is None else data | {"template": template_files.identify(template).model_dump()}


def _read(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InvalidRequest(f"There is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from None
