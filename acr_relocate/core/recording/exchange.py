"""One kind of exchange with Azure as it is recorded, and a recording: all kinds of a run, each once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field, TypeAdapter, ValidationError

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.recording.known_names import KNOWN_HEADERS
from acr_relocate.core.recording.path_patterns import asked_version, path_pattern
from acr_relocate.core.recording.shapes import ANY_SHAPE, JsonShape, closed_values, merge, shape_of

_METHODS: Final = frozenset(("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"))
_JSON_TYPES: Final = frozenset(("application/json", "application/json; charset=utf-8"))
_NULL: Final = "null literal"
_MOST: Final = 5_000

Key = tuple[str, str, str, int]


class Exchange(FrozenModel):
    """A kind of exchange: the shapes of request and answer. `times`: how often it was seen."""

    method: str
    path: str
    api_version: str
    request_body_shape: Any = None
    status: int
    header_names: tuple[str, ...] = ()
    header_values: dict[str, str] = Field(default_factory=dict)
    body_shape: Any = None
    body_values: dict[str, str] = Field(default_factory=dict)
    times: int = 1

    @property
    def key(self) -> Key:
        """Two exchanges with one key are of one kind."""
        return self.method, self.path, self.api_version, self.status

    def with_another(self, other: Exchange) -> Exchange:
        """Return this kind with one more exchange: what only one of both has is optional."""
        return self.model_copy(
            update={
                "request_body_shape": merge(self.request_body_shape, other.request_body_shape),
                "header_names": tuple(sorted({*self.header_names} & {*other.header_names})),
                "header_values": _common(self.header_values, other.header_values),
                "body_shape": merge(self.body_shape, other.body_shape),
                "body_values": _common(self.body_values, other.body_values),
                "times": self.times + other.times,
            }
        )


_EXCHANGES: Final = TypeAdapter(tuple[Exchange, ...])


def exchange_of(
    method: str, url: str, sent: bytes | None, status: int, headers: Mapping[str, str], body: bytes | None
) -> Exchange:
    """Return what is recorded of one exchange.

    Args:
        method: The HTTP method.
        url: The whole URL; only known words of its path and its api-version are recorded.
        sent: The body of the request.
        status: The status of the answer.
        headers: The headers of the answer; known names are recorded, and a JSON content type.
        body: The body of the answer; None if it is not looked at, as that of a blob.

    """
    names = {name.lower(): value for name, value in headers.items()}
    kind = names.get("content-type", "").lower()
    return Exchange(
        method=method if method in _METHODS else "OTHER",
        path=path_pattern(url),
        api_version=asked_version(url),
        request_body_shape=_body_shape(sent or b""),
        status=status,
        header_names=tuple(sorted(names.keys() & KNOWN_HEADERS)),
        header_values={"content-type": kind} if kind in _JSON_TYPES else {},
        body_shape=ANY_SHAPE if body is None else _body_shape(body),
        body_values={} if body is None else closed_values(_parsed(body)),
    )


def to_json(exchanges: tuple[Exchange, ...]) -> str:
    """Return the text of a recording."""
    return json.dumps([one.model_dump() for one in exchanges], indent=1) + "\n"


def read_recording(text: str, name: str) -> tuple[Exchange, ...]:
    """Return the exchanges in a file's text. Raises InvalidRequest, which names the file."""
    try:
        found = _EXCHANGES.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "its beginning"
        raise InvalidRequest(
            f"{name} is not a recording: {first['msg']} at {place}",
            remedy="To write one: acr-relocate rehearse REQUEST --record FILE",
        ) from None
    if len(found) > _MOST:
        raise InvalidRequest(f"{name} has {len(found)} exchanges; {_MOST} are read at most.")
    return found


def _body_shape(body: bytes) -> JsonShape:
    if not body:
        return None
    value = _parsed(body)
    if value is None:
        return _NULL if body.strip() == b"null" else ANY_SHAPE
    return shape_of(value)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _common(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in one.items() if other.get(name) == value}
