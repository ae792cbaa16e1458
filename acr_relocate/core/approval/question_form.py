"""The form of a question at the Prefect server, as it was asked: its words are what a person in the UI approves.

The text is fixed by a digest in the question's key, which is part of the run's state history. The fields follow from
the subject. Both are compared when an answer is read: an answer to other words approves nothing.
"""

import json
from hashlib import sha256
from typing import Any, Final

from acr_relocate.core.approval.decision import ApprovalSubject, answer_form

ALTERED: Final = "the form of the last question was changed at the Prefect server: an answer to it does not count"
_NAMES: Final = frozenset({"title", "description", "definitions"})
"""Keys at the top of a form's schema that Prefect and pydantic fill in differently."""


def text_digest(text: str) -> str:
    """Return 16 hexadecimal digits of the text of a form."""
    return sha256(text.encode()).hexdigest()[:16]


def is_as_asked(key: str, subject: ApprovalSubject, text: str | None, schema: str | None) -> bool:
    """Return whether a form at the server is the one that was asked under this key about this subject.

    `text`, `schema`: JSON as the server has it; None if it has none.
    """
    try:
        shown, fields = json.loads(text or ""), json.loads(schema or "")
    except (ValueError, RecursionError):
        return False
    if not isinstance(shown, str) or text_digest(shown) not in key.split("-"):
        return False
    form = answer_form(subject)
    asked = form.model_json_schema()
    return (
        isinstance(fields, dict)
        and fields.get("title") == f"{form.__name__}RunInput"
        and not fields.get("description")
        and fields.get("definitions") == asked.get("$defs")
        and _fields(fields) == _fields(asked)
    )


def _fields(schema: dict[str, Any]) -> str:
    """Return the fields of a schema, with one way to write references."""
    told = json.dumps({name: value for name, value in schema.items() if name not in _NAMES}, sort_keys=True)
    return told.replace("#/definitions/", "#/$defs/")
