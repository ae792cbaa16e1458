"""Compare an answer with a recorded one: status, contract headers, the shape of the body, patterns of values.

The notation is described beside the recordings (`tests/emulator/recorded/README.md`).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Exchange = dict[str, Any]

# Of the transport, the edge, or of its time: no contract (see the README of the recordings).
NO_CONTRACT: Final = frozenset(
    {"cache-control", "content-length", "expires", "pragma", "strict-transport-security", "x-content-type-options"}
    | {"server", "vary", "x-cache", "x-msedge-ref", "transfer-encoding", "x-ms-operation-identifier"}
)
QUOTAS: Final = "x-ms-ratelimit-remaining-"
# A client acts upon these: where Azure does not send them they must not be there.
MEANINGFUL: Final = frozenset(
    {"location", "azure-asyncoperation", "azure-asyncnotification", "retry-after", "www-authenticate", "content-type"}
    | {"link", "x-ms-failure-cause", "docker-distribution-api-version"}
)
GUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"
PLACEHOLDERS: Final = {
    "uuid": GUID,
    "subscriptionId": GUID,
    "apiVersion": r"[\d-]+(-preview)?",
    "base64urlJson": r"eyJ[\w-]+",
    "state": r"[^&]+",
}


@dataclass(frozen=True)
class Answer:
    """The answer: status, headers by lower-case name, bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def differences(exchange: Exchange, answer: Answer) -> list[str]:
    """Return what the answer has otherwise than the recording, one sentence each; empty if it is the same."""
    found = [f"status {answer.status}, recorded {exchange['status']}"] if answer.status != exchange["status"] else []
    found += _headers(exchange, answer)
    extra = str(exchange["operation"]).startswith("spec.")  # documentation leaves out what recordings show
    patterns = exchange.get("body_values") or {}
    may_lack = {f".{path} is missing" for path, pattern in patterns.items() if pattern.startswith("<absent>")}
    body = _body(exchange["body_shape"], answer.body, may_have_more=extra)
    return [*found, *(one for one in body if one not in may_lack), *_values(patterns, answer.body)]


def _headers(exchange: Exchange, answer: Answer) -> Iterator[str]:
    recorded, unknown = set(exchange["header_names"]), exchange["headers_unknown"]
    for name in sorted(recorded - NO_CONTRACT):
        if name not in answer.headers and not name.startswith(QUOTAS):
            yield f"header {name} is missing"
    if not isinstance(unknown, str):
        for name in sorted(MEANINGFUL - recorded - set(unknown)):
            if name in answer.headers:
                yield f"header {name} is not in the recording: {answer.headers[name][:60]}"
    for name, pattern in exchange["header_values"].items():
        value = answer.headers.get(name)
        if value is not None and name not in NO_CONTRACT and not re.fullmatch(_pattern(pattern), _unsigned(value)):
            yield f"header {name} is {_unsigned(value)}, recorded {pattern}"


def _pattern(recorded: str) -> str:
    if recorded.startswith("~"):
        return recorded[1:]
    if recorded == "<int as str>":
        return r"\d+"
    plain = recorded.partition("&t={ticks}")[0]
    parts = re.split(r"\{(\w+)\}", plain)
    return "".join(
        PLACEHOLDERS.get(part, "[^/?&]+") if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )


def _unsigned(url: str) -> str:
    return url.partition("&t=")[0] if url.startswith("https://management.azure.com") else url


def _body(shape: Any, body: bytes, *, may_have_more: bool) -> Iterator[str]:
    if shape == "any":
        return
    if shape is None or shape == "null literal":
        wanted = b"" if shape is None else b"null"
        if body != wanted:
            yield f"the body is {body[:80]!r}, recorded {wanted!r}"
        return
    try:
        value = json.loads(body)
    except ValueError:
        yield f"the body is no JSON: {body[:80]!r}"
        return
    yield from _shape("", shape, value, may_have_more)


def _shape(path: str, shape: Any, value: Any, may_have_more: bool) -> Iterator[str]:
    if isinstance(shape, dict):
        yield from _object(path, shape, value, may_have_more)
    elif isinstance(shape, list):
        yield from _list(path, shape, value, may_have_more)
    elif not LEAVES[shape](value):
        yield f"{path} is {json.dumps(value)[:80]}, recorded {shape}"


def _object(path: str, shape: dict[str, Any], value: Any, may_have_more: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {json.dumps(value)[:80]}, recorded an object"
        return
    named = {key.removesuffix("?"): (part, key.endswith("?")) for key, part in shape.items() if key[0] != "<"}
    free = [part for key, part in shape.items() if key[0] == "<"]
    for name, (part, optional) in named.items():
        if name in value:
            yield from _shape(f"{path}.{name}", part, value[name], may_have_more)
        elif not optional:
            yield f"{path}.{name} is missing"
    for name in value.keys() - named.keys():
        if free:
            yield from _shape(f"{path}.{name}", free[0], value[name], may_have_more)
        elif not may_have_more:
            yield f"{path}.{name} is not in the recording: {json.dumps(value[name])[:60]}"


def _list(path: str, shape: list[Any], value: Any, may_have_more: bool) -> Iterator[str]:
    if not isinstance(value, list) or bool(value) != bool(shape):
        yield f"{path} is {json.dumps(value)[:80]}, recorded a list {'with entries' if shape else 'without entries'}"
        return
    for index, item in enumerate(value):
        tried = [list(_shape(f"{path}.{index}", one, item, may_have_more)) for one in shape]
        yield from min(tried, key=len)


def _is(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


LEAVES: Final[dict[str, Callable[[Any], bool]]] = {
    "any": lambda _: True,
    "null": lambda value: value is None,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "guid": _is(GUID),
    "armId": _is("/.+"),
    "base64": _is("[A-Za-z0-9+/=]+"),
    "datetime(Z)": _is(MOMENT + "Z"),
    "datetime(+00:00)": _is(MOMENT + r"\+00:00"),
}


def _values(patterns: Mapping[str, str], body: bytes) -> Iterator[str]:
    if not patterns:
        return
    try:
        document = json.loads(body or b"null")
    except ValueError:
        document = None
    for path, pattern in patterns.items():
        value = _at(document, path.split("."))
        text = "<absent>" if value is _ABSENT else value if isinstance(value, str) else json.dumps(value)
        if not re.fullmatch(pattern, text, re.DOTALL):
            yield f"{path} is {text[:200]}, recorded {pattern}"


_ABSENT: Final = object()


def _at(value: Any, steps: list[str]) -> Any:
    """Follow a path whose names may have dots in them themselves."""
    if not steps:
        return value
    for length in range(1, len(steps) + 1):
        name = ".".join(steps[:length])
        if isinstance(value, dict) and name in value:
            return _at(value[name], steps[length:])
    if isinstance(value, list) and steps[0].isdigit() and int(steps[0]) < len(value):
        return _at(value[int(steps[0])], steps[1:])
    return _ABSENT
