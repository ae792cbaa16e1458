"""Results that a Prefect server or a file keeps are what this service writes, or the command ends in a named error."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.approval.decision import ApprovalForm, ApprovalSubject, read_question
from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.registry.stored_result import LARGEST_RESULT, read_stored
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.approval_stage import Stage
from tasks.imports.ledger import Page

KINDS = [Report, Plan, BatchReport, Page, ApprovalSubject, ApprovalForm]
PAGE = Page(
    target_id="/subscriptions/1",
    brought=({"repository": "app", "digest": "sha256:1", "tags": ("1.0",), "replaces": ()},),  # type: ignore[arg-type] # parsed
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SUBJECT = ApprovalSubject(stage=Stage.BEFORE_DEPLOY, question="Deploy?", facts={"target": {"sku": "Premium"}})


@given(st.sampled_from(KINDS), st.text(max_size=40) | ANYTHING.map(json.dumps))
def test_anything_else_is_a_named_error(kind: type[Report], text: str) -> None:
    """Other people reach the server, and can write there."""
    with pytest.raises(RecordBroken, match="The record of a run is not credible") as refused:
        read_stored(kind, text, "the record of a run")
    assert refused.value.remedy


@given(ANYTHING, st.sampled_from(["target_id", "brought", "call"]))
def test_one_field_that_is_wrong_is_enough(value: object, field: str) -> None:
    """A value of another type, and a field that there never is; a string is one that a target's id may be."""
    text = json.dumps(json.loads(PAGE.model_dump_json()) | {field: value})
    try:
        page = read_stored(Page, text, "x")
    except RecordBroken:
        return
    assert (field, type(value)) in {("target_id", str), ("brought", list)}
    assert page.brought in {PAGE.brought, ()}


def test_what_was_written_is_read() -> None:
    """As it was."""
    assert read_stored(Page, PAGE.model_dump_json(exclude_defaults=True), "x") == PAGE


def test_more_than_is_ever_written_is_not_parsed() -> None:
    """It would take the memory of the run."""
    with pytest.raises(RecordBroken, match="64,000,000 characters"):
        read_stored(Page, " " * (LARGEST_RESULT + 1), "x")


def test_what_it_says_is_not_repeated() -> None:
    """It may hold a secret, or text for the terminal."""
    with pytest.raises(RecordBroken) as refused:
        read_stored(Page, json.dumps({"target_id": 1, "brought": "hunter2"}), "x")
    assert "hunter2" not in refused.value.message


def test_a_question_that_somebody_has_changed_is_not_shown() -> None:
    """Its key has the digest of what the run asks: a person would approve one thing and get another."""
    key = f"before-deploy-{SUBJECT.facts_digest}-{SUBJECT.digest}-0123456789abcdef"
    assert read_question(key, SUBJECT.model_dump_json()) == SUBJECT
    for change in (
        {"facts": {"target": {"sku": "Basic"}}},
        {"question": "Other words?"},
        {"summary": ("other words",)},
    ):
        other = SUBJECT.model_copy(update=change)
        with pytest.raises(RecordBroken, match="another one than the run has asked"):
            read_question(key, other.model_dump_json())
