"""Calls of Azure Resource Manager as data, the placeholders in them, and the test of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from acr_relocate.core.model import FrozenModel

Json = dict[str, Any]
_Method = Literal["GET", "PUT", "PATCH", "POST", "DELETE"]


class ArmCall(FrozenModel):
    """One call of Azure Resource Manager. Secrets in its body are placeholders, never values.

    `merge`: of a PUT that changes part of a resource: the body is the change; the rest is sent as it is.
    """

    method: _Method
    path: str
    api_version: str
    body: Json = Field(default_factory=dict)
    query: str = ""
    merge: bool = False


class Placeholder(FrozenModel):
    """The value for `placeholder` in the body at sending time: the answer of `call` at one of these dotted paths."""

    placeholder: str
    call: ArmCall
    fields: tuple[str, ...]


class DoneWhen(FrozenModel):
    """The test that an action is done: the answer, or one entry of a listing, contains everything in `expected`.

    `expected` None: existence is enough.
    """

    call: ArmCall
    expected: Json | None = None
    listed: bool = False


def holds_expected(expected: Any, found: Any) -> bool:
    """Return whether the found value contains everything expected; further content is ignored.

    The case of text is ignored, as in Azure's ids and states, and so is the subscription in a role definition's id.
    An expected None may be missing.
    """
    if isinstance(expected, Mapping):
        held = found if isinstance(found, Mapping) else {}
        return all(holds_expected(value, held.get(name)) for name, value in expected.items())
    if isinstance(expected, list | tuple):
        entries = found if isinstance(found, list) else []
        return all(any(holds_expected(wanted, entry) for entry in entries) for wanted in expected)
    if isinstance(expected, str) and isinstance(found, str):
        return _bare(expected) == _bare(found)
    return bool(expected == found)


def _bare(text: str) -> str:
    lower = text.lower()
    return lower.rpartition("/roledefinitions/")[2] or lower


def is_satisfied(look: DoneWhen, answer: Json) -> bool:
    """Return whether the answer shows that the action is done."""
    wanted = look.expected or {}
    if look.listed:
        return any(holds_expected(wanted, entry) for entry in answer.get("value") or ())
    return holds_expected(wanted, answer)


def with_texts(call: ArmCall, values: Mapping[str, str]) -> ArmCall:
    """Return the call with each placeholder in its body replaced by its value."""
    return call.model_copy(update={"body": text_with(call.body, values)})


def text_with(value: Any, values: Mapping[str, str]) -> Any:
    """Return the JSON value with each placeholder in its texts replaced by its value."""
    if isinstance(value, dict):
        return {name: text_with(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [text_with(inner, values) for inner in value]
    if not isinstance(value, str):
        return value
    for placeholder, found in values.items():
        value = value.replace(placeholder, found)
    return value
