"""A form that somebody has changed at the Prefect server is not the one that was asked."""

import json

import pytest

from acr_relocate.core.approval.decision import ApprovalSubject, answer_form
from acr_relocate.core.approval.question_form import is_as_asked, text_digest
from acr_relocate.core.request.approval_stage import Stage

SUBJECT = ApprovalSubject(stage=Stage.BEFORE_DELETE, question="Delete it?", facts={}, typed="contosoregistry")
TEXT = "Delete contosoregistry for good?"
KEY = f"before-delete-{SUBJECT.facts_digest}-{SUBJECT.digest}-{text_digest(TEXT)}-0123456789abcdef"


def schema(**changes: object) -> str:
    """The schema as Prefect keeps it, with these changes."""
    form = answer_form(SUBJECT)
    asked = form.model_json_schema()
    asked["definitions"] = asked["$defs"]
    del asked["description"]
    text = json.dumps(asked | {"title": f"{form.__name__}RunInput"} | changes)
    return text.replace('"$ref": "#/$defs/', '"$ref": "#/definitions/')


def test_what_was_asked_is_as_asked() -> None:
    """Though Prefect names the form and writes references in its own way."""
    assert is_as_asked(KEY, SUBJECT, json.dumps(TEXT), schema())


@pytest.mark.parametrize("text", [None, "", "null", "{", "[" * 100_000, json.dumps("Tidy up a little?")])
def test_another_text_is_not(text: str | None) -> None:
    """None is without a form."""
    assert not is_as_asked(KEY, SUBJECT, text, schema())


@pytest.mark.parametrize(
    "fields",
    [
        None,
        "[]",
        schema(then={}),
        schema(required=[]),
        schema(description="This deletes nothing."),
        schema(title="Tidy up a little"),
        schema(properties={}),
        schema(definitions={"Decision": {"enum": ["reject", "approve"]}}),
    ],
)
def test_other_fields_are_not(fields: str | None) -> None:
    """Each word of them is read by a person."""
    assert not is_as_asked(KEY, SUBJECT, json.dumps(TEXT), fields)
