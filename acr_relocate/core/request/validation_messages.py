"""The errors of a request, in the words of its author."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Path = tuple[int | str, ...]

# The message for each kind of error, with its value and its limits. The kinds are pydantic's.
SENTENCES: Final = {
    "missing": "required, but missing",
    "string_type": "{value} is not text; if it should be, put it in quotes",
    "int_type": "{value} is not a whole number",
    "int_parsing": "{value} is not a whole number",
    "int_from_float": "{value} is not a whole number",
    "greater_than_equal": "{value} is less than {ge}",
    "less_than_equal": "{value} is more than {le}",
    "bool_type": "{value} is neither true nor false",
    "bool_parsing": "{value} is neither true nor false",
    "list_type": "{value} is not a list",
    "dict_type": "{value} is not a mapping",
    "model_type": "{value} is not a mapping of fields",
    "model_attributes_type": "{value} is not a mapping of fields",
    "finite_number": "{value} is not a whole number",
    "invalid_key": "{value} is not the name of a field",
    "string_unicode": "this is not text",
    "too_short": "the list is empty",
    "literal_error": "{value} is not {expected}",
    "enum": "{value} is not {expected}",
    "worded": "{value} is not {words}",
}


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Return one message for all errors: the field, its value, and the allowed ones."""
    details = error.errors(include_url=False)
    unknown = {detail["loc"]: _fields_at(model, detail["loc"]) for detail in details if _is_unknown(detail)}
    meant = {path: close[0] for path, fields in unknown.items() if (close := _close(path, fields))}
    misspelt = {(*path[:-1], field) for path, field in meant.items()}
    sentences = [
        _unknown_field(detail["loc"], meant, unknown) if _is_unknown(detail) else _sentence(detail)
        for detail in details
        if not (detail["type"] == "missing" and detail["loc"] in misspelt)
    ]
    return "\n  ".join(sentences if len(sentences) == 1 else [f"{len(sentences)} things are wrong:", *sentences])


def _is_unknown(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden"


def _unknown_field(path: Path, meant: dict[Path, str], unknown: dict[Path, list[str]]) -> str:
    hint = f"did you mean {meant[path]}?" if path in meant else f"the fields here are {', '.join(unknown[path])}"
    return f"{_dotted(path)}: unknown field; {hint}"


def _sentence(detail: ErrorDetails) -> str:
    """Return `field: the error`; a rule about the whole request names its fields itself."""
    path = detail["loc"]
    if detail["type"] == "value_error":
        said = str(detail["ctx"]["error"])
    else:
        sentence = SENTENCES.get(detail["type"], "{value} is not allowed")
        said = sentence.format(value=_shown(detail["input"]), **detail.get("ctx", {}))
    return f"{_dotted(path)}: {said}" if path else said


def _shown(value: object) -> str:
    if isinstance(value, list | dict) and value:  # as YAML may make them, they can be endless
        return "a list" if isinstance(value, list) else "a mapping"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _dotted(path: Path) -> str:
    """Return `selection.repositories[0]` for a path; pydantic's mark for the key of a mapping is left out."""
    dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path if step != "[key]")
    return dotted.removeprefix(".")


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the allowed fields at the place of this path's last step."""
    for step in path[:-1]:
        if isinstance(step, int):  # an item of a list: the model is that of the step before
            continue
        annotation = model.model_fields[step].annotation
        if get_origin(annotation) is list:
            (annotation,) = get_args(annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)


def _close(path: Path, fields: list[str]) -> list[str]:
    return get_close_matches(str(path[-1]), fields, n=1)
