"""Evaluate the few template expressions that our own templates use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_CALL: Final = re.compile(r"^(parameters|resourceId|format|concat)\((.*)\)$", re.DOTALL)
_ARGUMENT: Final = re.compile(r"\s*('(?:[^']|'')*'|parameters\('[^']+'\))\s*(?:,|$)")


class Opaque(Exception):
    """An expression that only Azure can evaluate."""


def value_of(value: Any, parameters: Mapping[str, Any], scope: str) -> Any:
    """Return the JSON with each expression replaced by its value. `scope`: the resource group's id. Raises Opaque."""
    if isinstance(value, Mapping):
        return {value_of(name, parameters, scope): value_of(inner, parameters, scope) for name, inner in value.items()}
    if isinstance(value, list):
        return [value_of(inner, parameters, scope) for inner in value]
    if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
        return value
    return value[1:] if value.startswith("[[") else _evaluated(value[1:-1].strip(), parameters, scope)


def known_parts(value: Any, parameters: Mapping[str, Any], scope: str) -> Any:
    """Return the JSON likewise, without the members of objects that only Azure can evaluate."""
    if not isinstance(value, Mapping):
        return value_of(value, parameters, scope)
    known = {}
    for name, inner in value.items():
        try:
            known[value_of(name, parameters, scope)] = known_parts(inner, parameters, scope)
        except Opaque:
            continue
    return known


def _evaluated(expression: str, parameters: Mapping[str, Any], scope: str) -> Any:
    call = _CALL.match(expression)
    if call is None:
        raise Opaque(expression)
    function, arguments = call[1], list(_arguments(call[2], parameters))
    if function == "parameters":
        return _parameter(arguments[0], parameters)
    texts = [str(argument) for argument in arguments]
    if function == "concat":
        return "".join(texts)
    if function == "format":
        return re.sub(r"\{(\d+)\}", lambda match: texts[int(match[1]) + 1], texts[0])
    return _resource_id(texts, scope)


def _arguments(text: str, parameters: Mapping[str, Any]) -> Iterator[Any]:
    at = 0
    while at < len(text):
        match = _ARGUMENT.match(text, at)
        if match is None:
            raise Opaque(text)
        argument = match[1]
        if argument.startswith("'"):
            yield argument[1:-1].replace("''", "'")
        else:
            yield _parameter(argument.removeprefix("parameters('").removesuffix("')"), parameters)
        at = match.end()


def _parameter(name: str, parameters: Mapping[str, Any]) -> Any:
    if name not in parameters:
        raise Opaque(name)
    return parameters[name]


def _resource_id(arguments: list[str], scope: str) -> str:
    """Return the id for a type and the names of its parts, in this resource group; other scopes are not supported."""
    kind, *names = arguments
    namespace, *kinds = kind.split("/")
    if len(kinds) != len(names):
        raise Opaque(kind)
    path = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True))
    return f"{scope}/providers/{namespace}/{path}"
