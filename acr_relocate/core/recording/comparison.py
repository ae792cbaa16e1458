"""Differences between two recordings: a recorded Azure, and the embedded one under the same calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.recording.exchange import Exchange
from acr_relocate.core.recording.shapes import ANY_SHAPE, JsonShape

# Of the transport and the edge: no client acts upon them.
_NO_CONTRACT: Final = frozenset(
    {"cache-control", "content-length", "expires", "pragma", "strict-transport-security", "x-content-type-options"}
    | {"server", "vary", "x-cache", "x-msedge-ref", "transfer-encoding", "x-ms-operation-identifier"}
)
_QUOTAS: Final = "x-ms-ratelimit-remaining-"


class RecordingDifference(FrozenModel):
    """The differences of one kind of exchange, one sentence each."""

    exchange: str
    differences: tuple[str, ...]


class RecordingComparison(FrozenModel):
    """How many kinds are the same, how many were not asked of the embedded Azure, and the differing ones."""

    same: int
    not_asked: tuple[str, ...]
    different: tuple[RecordingDifference, ...]


def compare_recordings(recorded: Iterable[Exchange], embedded: Iterable[Exchange]) -> RecordingComparison:
    """Return how the embedded Azure's exchanges differ from recorded ones of the same kind."""
    ours = {one.key: one for one in embedded}
    same, not_asked, different = 0, [], []
    for one in recorded:
        title = f"{one.method} {one.path} ({one.api_version or 'no api-version'}) {one.status}"
        if one.key not in ours:
            not_asked.append(title)
        elif found := tuple(exchange_differences(one, ours[one.key])):
            different.append(RecordingDifference(exchange=title, differences=found))
        else:
            same += 1
    return RecordingComparison(same=same, not_asked=tuple(not_asked), different=tuple(different))


def exchange_differences(recorded: Exchange, embedded: Exchange) -> Iterator[str]:
    """Yield a sentence for each difference in headers, body and values."""
    theirs, ours = _contract(recorded), _contract(embedded)
    yield from (f"the header {name} is missing" for name in sorted(theirs - ours))
    yield from (f"the header {name} was not recorded" for name in sorted(ours - theirs))
    yield from _shapes("", recorded.body_shape, embedded.body_shape)
    for name, value in {**recorded.header_values, **recorded.body_values}.items():
        other = {**embedded.header_values, **embedded.body_values}.get(name, value)
        if other != value:
            yield f"{name} is {other}, recorded {value}"


def _contract(exchange: Exchange) -> set[str]:
    return {name for name in exchange.header_names if name not in _NO_CONTRACT and not name.startswith(_QUOTAS)}


def _shapes(path: str, recorded: JsonShape, embedded: JsonShape) -> Iterator[str]:
    if ANY_SHAPE in (recorded, embedded) or recorded == embedded:
        return
    if isinstance(recorded, dict) and isinstance(embedded, dict):
        yield from _objects(path, recorded, embedded)
    elif isinstance(recorded, list) and isinstance(embedded, list):
        if recorded and embedded:  # an empty list says nothing of its elements
            yield from _shapes(f"{path}[]", recorded[0], embedded[0])
    else:
        yield f"{path or 'the body'} is {_told(embedded)}, recorded {_told(recorded)}"


def _objects(path: str, recorded: dict[str, JsonShape], embedded: dict[str, JsonShape]) -> Iterator[str]:
    theirs, ours = _keys(recorded), _keys(embedded)
    for name, (shape, optional) in theirs.items():
        if name in ours:
            yield from _shapes(f"{path}.{name}", shape, ours[name][0])
        elif not optional and not name.startswith("<"):
            yield f"{path}.{name} is missing"
    for name, (_, optional) in ours.items():
        if name not in theirs and not optional and not name.startswith("<"):
            yield f"{path}.{name} was not recorded"


def _keys(shape: dict[str, JsonShape]) -> dict[str, tuple[JsonShape, bool]]:
    return {key.removesuffix("?"): (part, key.endswith("?")) for key, part in shape.items()}


def _told(shape: JsonShape) -> str:
    if shape is None:
        return "empty"
    return "an object" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else str(shape)
