"""An approval is for what was read, and for nothing else."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from acr_relocate.core.approval.decision import (
    SHOWN,
    ApprovalForm,
    ApprovalNeeded,
    ApprovalRejected,
    ApprovalSubject,
    Decision,
    TerminalAnswer,
    answer_form,
    approval_of,
    subject_changes,
    terminal_approval,
)
from acr_relocate.core.approval.subjects import deployment_of
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.request.approval_stage import Stage
from tests.support.builders import child, content, image, registry, repository, request

YES = ApprovalForm(decision=Decision.APPROVE, name="Ann")
NOW = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
ONE = content(repository("base/nginx", image("a"), v1="a"))
TWO = content(repository("base/nginx", image("a"), image("b"), v1="a", v2="b"))


def planned(source=None, want=ONE, **fields) -> Plan:
    return build(request(**fields), source or registry(), want, ImportPlan(), ())


def subject(**facts: str) -> ApprovalSubject:
    return ApprovalSubject(stage=Stage.BEFORE_DEPLOY, question="Go on?", facts={"settings": facts})


class TestDigest:
    def test_the_same_plan_drawn_up_again_has_the_same_digest(self) -> None:
        """Or a resumed run would ask for ever."""
        assert deployment_of(planned()).digest == deployment_of(planned()).digest

    def test_a_mere_push_leaves_an_approval_in_force(self) -> None:
        """Content goes on being pushed until the cut-over; bringing it along is what was approved."""
        assert deployment_of(planned(want=TWO)).digest == deployment_of(planned(want=ONE)).digest

    def test_the_digest_covers_every_word_that_is_shown(self) -> None:
        """Other words are another question, also where they are about the same facts."""
        asked = subject(a="1").model_copy(update={"summary": ("create the target",)})
        others = [asked.model_copy(update=words) for words in ({"question": "Really?"}, {"summary": ("nothing",)})]

        assert all(other.digest != asked.digest for other in others)
        assert {other.facts_digest for other in others} == {asked.facts_digest}

    def test_what_azure_notes_by_itself_leaves_an_approval_in_force(self) -> None:
        """A timestamp is no setting."""
        touched = registry(properties={"creationDate": "2025-05-05T00:00:00Z"})

        assert deployment_of(planned(touched)).digest == deployment_of(planned()).digest

    @pytest.mark.parametrize(
        "changed",
        [
            planned(registry(properties={"adminUserEnabled": True})),
            planned(registry(sku="Standard")),
            planned(registry("contosoregistry", child("webhooks", "hook", "westeurope", status="enabled"))),
            planned(force=True),
            planned(replacements={"a": "b"}),
        ],
        ids=["setting", "tier", "child", "request", "replacement"],
    )
    def test_anything_else_asks_again(self, changed: Plan) -> None:
        """A setting, a child, the request: what was approved is not what would be done."""
        assert deployment_of(changed).digest != deployment_of(planned()).digest

    def test_how_fast_it_goes_is_not_what_is_approved(self) -> None:
        """An operator may slow a run down without asking the approver again."""
        assert deployment_of(planned(concurrency=4)).digest == deployment_of(planned()).digest

    def test_another_stage_is_another_question(self) -> None:
        """An approval of a deployment approves no deletion."""
        before = subject(a="1")

        assert before.digest != before.model_copy(update={"stage": Stage.BEFORE_DELETE}).digest


class TestWhatChanged:
    def test_it_is_said_in_words(self) -> None:
        """The thing, what it is now, what it was."""
        said = subject_changes(subject(kept="1", turned="off", gone="x"), subject(kept="1", turned="on", new="y"))

        assert said == (
            "settings: gone is gone, was x",
            "settings: new is new: y",
            "settings: turned is on, was off",
        )

    def test_a_setting_of_the_source_is_named_by_its_path(self) -> None:
        """So that a person knows where to look."""
        before = deployment_of(planned())
        after = deployment_of(planned(registry(properties={"adminUserEnabled": True})))

        assert "settings of contosoregistry: adminUserEnabled is true, was false" in subject_changes(before, after)

    def test_a_hundred_changes_are_counted_not_listed(self) -> None:
        """A form with a hundred lines is not readable."""
        said = subject_changes(subject(), subject(**{f"s{number}": "1" for number in range(100)}))

        assert len(said) == SHOWN + 1
        assert said[-1] == "and 80 more"


class TestAnswer:
    def test_an_approval_says_who_when_and_what(self) -> None:
        """That is what an auditor asks."""
        answer = ApprovalForm(decision=Decision.APPROVE, name="Ann", comment="CHG-7")

        approval = approval_of(subject(), answer, NOW)

        assert (approval.by, approval.at, approval.subject, approval.comment) == (
            "Ann",
            NOW,
            subject().digest,
            "CHG-7",
        )

    def test_a_rejection_is_no_approval(self) -> None:
        """It ends the run with the reason."""
        with pytest.raises(ApprovalRejected, match="Rejected by Ann before deploy: not on a Friday"):
            approval_of(subject(), ApprovalForm(decision=Decision.REJECT, name="Ann", comment="not on a Friday"), NOW)

    @pytest.mark.parametrize("name", ["", "A", "   "])
    def test_somebody_decides(self, name: str) -> None:
        """An empty name is refused: the report identifies the approver by it."""
        with pytest.raises(ValidationError, match="not a name: two characters or more"):
            ApprovalForm(decision=Decision.APPROVE, name=name)

    @pytest.mark.parametrize("typed", ["", "contosoregistr", "CONTOSOREGISTRY"])
    def test_a_deletion_is_approved_only_with_the_name_typed(self, typed: str) -> None:
        """Also when the form was gone round."""
        deletion = subject().model_copy(update={"stage": Stage.BEFORE_DELETE, "typed": "contosoregistry"})
        answer = answer_form(deletion).model_validate({"decision": "approve", "name": "Ann", "typed": typed})

        with pytest.raises(ApprovalRejected, match="without typing the name contosoregistry"):
            approval_of(deletion, answer, NOW)

    def test_a_deletion_with_the_name_typed_is_approved(self) -> None:
        """Typed as it is."""
        deletion = subject().model_copy(update={"stage": Stage.BEFORE_DELETE, "typed": "contosoregistry"})
        answer = answer_form(deletion).model_validate(
            {"decision": "approve", "name": "Ann", "typed": "contosoregistry"}
        )

        assert approval_of(deletion, answer, NOW).decision is Decision.APPROVE


class TestTerminal:
    GIVEN = TerminalAnswer(digest=subject(kept="1").digest, answer=YES, at=NOW, subject=subject(kept="1"))

    def test_what_was_approved_here_is_approved(self) -> None:
        """The flow runs again after the question, and finds the answer."""
        assert terminal_approval(subject(kept="1"), [self.GIVEN]).by == YES.name

    def test_what_was_asked_here_holds_while_less_is_to_be_done(self) -> None:
        """After an interruption the words are fewer; the record has the digest of those that were approved."""
        left = subject(kept="1").model_copy(update={"question": "Go on with the rest?"})

        assert terminal_approval(left, [self.GIVEN]).subject == self.GIVEN.digest != left.digest

    def test_the_digest_of_another_question_approves_nothing(self) -> None:
        """The same for any question that comes with it."""
        with pytest.raises(ApprovalNeeded):
            terminal_approval(subject(kept="1"), [self.GIVEN.model_copy(update={"digest": "0123456789abcdef"})])

    def test_an_approval_of_another_plan_is_none(self) -> None:
        """The question is asked again, with what has changed and how to approve that."""
        with pytest.raises(ApprovalNeeded, match="settings: kept is 2, was 1") as needed:
            terminal_approval(subject(kept="2"), [self.GIVEN])
        assert f"--approve {subject(kept='2').digest}" in needed.value.remedy

    def test_a_deletion_is_never_approved_in_advance(self) -> None:
        """A digest in a script would be the path around the typed name."""
        deletion = ApprovalSubject(stage=Stage.BEFORE_DELETE, question="Delete?", facts={}, typed="contosoregistry")
        in_advance = TerminalAnswer(digest=deletion.digest, answer=YES, at=NOW)

        with pytest.raises(ApprovalRejected, match="without typing the name"):
            terminal_approval(deletion, [in_advance])
        with pytest.raises(ApprovalNeeded) as needed:
            terminal_approval(deletion, [])
        assert "--approve" not in needed.value.remedy
