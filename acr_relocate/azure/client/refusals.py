"""Read the error in an answer of Azure, in any of the shapes that Azure uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SHOWN: Final = 5
_DEEPEST: Final = 8


@dataclass(frozen=True)
class Refusal:
    """Code and message of an answer; `inner` are the nested codes, outermost first."""

    code: str = ""
    message: str = ""
    inner: tuple[str, ...] = ()


def read_refusal(body: object) -> Refusal:
    """Return code and message from any wrapper: of ARM, a registry, a vault, a cluster, or Entra ID.

    Reads `errors` (registries), `error` (ARM; Entra ID's is a word), and neither (clusters, private DNS, metric alerts:
    the error is the body, and the last of them writes `Code`). Null values and undocumented types are ignored.
    """
    if not isinstance(body, dict):
        return Refusal()
    error, several = body.get("error"), body.get("errors")
    if isinstance(several, list) and several and isinstance(several[0], dict):
        first = several[0]
        return Refusal(_text(first, "code"), _with_detail(_text(first, "message"), first.get("detail")))
    if isinstance(error, str):
        words = _text(body, "error_description")
        return Refusal(error, words.splitlines()[0] if words.strip() else "")
    return _of_arm(error if isinstance(error, dict) else body)


def _of_arm(error: Mapping[str, Any]) -> Refusal:
    """Read an ARM error: the outer message often only points at the inner ones, where the reason is."""
    beneath = list(_beneath(error, 0))
    said = [f"{_text(item, 'code')}: {_text(item, 'message')}".strip(": ") for item in beneath[:_SHOWN]]
    message = " ".join(part for part in [_text(error, "message"), *said] if part)
    return Refusal(_text(error, "code"), message, tuple(code for item in beneath if (code := _text(item, "code"))))


def _beneath(error: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of `details` and `innererror`, at any depth."""
    details = error.get("details")
    inner = [*(details if isinstance(details, list) else [details]), error.get("innererror"), error.get("innerError")]
    for item in inner if depth < _DEEPEST else ():
        if isinstance(item, dict):
            yield item
            yield from _beneath(item, depth + 1)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key, item.get(key.capitalize()))
    return value if isinstance(value, str) else ""


def _with_detail(message: str, detail: object) -> str:
    return f"{message} ({detail})" if isinstance(detail, str) and detail and detail not in message else message
