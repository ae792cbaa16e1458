"""Request files: YAML or JSON, validated before any call is made. For speed, imports neither Prefect nor Azure."""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from acr_relocate.core.content.missing_images import read_images
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.regions import require_cloud
from acr_relocate.core.request.plain_data import require_plain
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.files import regular_files, template_files
from deployments.commands import bounded_yaml

MOST_PARAMETERS: Final = 500_000  # bytes; Prefect's limit is 512 KB for all parameters
_LARGEST: Final = 1024 * 1024  # bytes; a request with a mapping for a thousand subnets has a third of that


def load_request(path: Path, template: Path | None = None, only: Path | None = None) -> RelocationRequest:
    """Return the request in a file; `-` is the standard input. Raises InvalidRequest, one message for all errors.

    `template` is an edited template to deploy. A request may name one itself, by a path relative to its own.
    `only` is a list of images: only these are imported.
    """
    name = _name(path)
    data = read_data(path)
    try:
        request = parse_request(_with_images(_with_template(data, path, template), only))
        _require_room(request)
        if not os.environ.get("ACR_RELOCATE_ARM_ENDPOINT"):  # an Azure with other regions
            require_cloud(request.target.location, os.environ.get("ACR_RELOCATE_CLOUD", "AzurePublic"))
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: {error.message}", code=error.code, remedy=error.remedy) from None
    return request


def read_data(path: Path) -> object:
    """Return the data of a YAML or JSON file; `-` is the standard input. Raises InvalidRequest for anything else."""
    name = _name(path)
    data = _parsed(_read(path, name), "JSON" if path.suffix == ".json" else "YAML", name)
    try:
        require_plain(data)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: {error.message}", remedy=error.remedy) from None
    if data is None:
        raise InvalidRequest(f"{name} is empty.", remedy="See examples/ for requests to start from.")
    return data


def _name(path: Path) -> str:
    return "the standard input" if str(path) == "-" else str(path)


def _with_images(data: object, only: Path | None) -> object:
    """Return the request with the images of the list added to its own. Raises InvalidRequest for an empty list."""
    if not isinstance(data, dict) or only is None:
        return data
    name = _name(only)
    images = read_images(_read(only, name), name)
    if not images:
        raise InvalidRequest(f"{name} names no image, so there is nothing to import")
    return data | {"only": [*(data.get("only") or []), *images]}


def _require_room(request: RelocationRequest) -> None:
    """Raise InvalidRequest if the request is larger than a Prefect server takes as the parameters of a run."""
    size = len(request.model_dump_json())
    if size > MOST_PARAMETERS:
        raise InvalidRequest(
            f"{size:,} bytes are more than the {MOST_PARAMETERS:,} that a Prefect server takes with a run",
            remedy="Shorten the lists of images, or use patterns instead.",
        )


def _with_template(data: object, path: Path, template: Path | None) -> object:
    """Return the request with its edited template identified by hash."""
    if not isinstance(data, dict):
        return data
    named = data.get("template")
    named_path = named.get("path") if isinstance(named, dict) and not named.get("sha256") else None
    if template is None and isinstance(named_path, str) and named_path:
        template = path.parent / named_path
    return data if template is None else data | {"template": template_files.identify(template).model_dump()}


def _parsed(text: str, kind: str, name: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unambiguous) if kind == "JSON" else bounded_yaml.load_yaml(text)
    except yaml.MarkedYAMLError as error:
        raise InvalidRequest(bounded_yaml.where_it_broke(name, text, error)) from None
    except (ValueError, yaml.YAMLError) as error:  # ValueError also for an invalid number or date
        raise InvalidRequest(f"{name} is not {kind}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InvalidRequest(f"{name} is not a request: it is nested too deeply") from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(bounded_yaml.twice(next(name for name in names if names.count(name) > 1)))
    return fields


def _read(path: Path, name: str) -> str:
    raw = sys.stdin.buffer.read(_LARGEST + 1) if str(path) == "-" else regular_files.read_regular(path, name, _LARGEST)
    if len(raw) > _LARGEST:
        raise InvalidRequest(f"{name} is too large: more than {_LARGEST // 1024 // 1024} MiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest(f"{name} cannot be read: it is not text in UTF-8") from None
