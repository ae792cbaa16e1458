"""Approval by a person: the question, the validity of an answer, and the changes since an earlier question.

An approval is for one subject at one stage: a set of facts, and the words that show them to a person. Approving its
digest approves exactly these words and facts. The facts are the settings, findings, dependents, template and request.
Content that is pushed meanwhile is not one of them, because the plan brings it along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, SerializeAsAny
from pydantic.config import JsonDict

from acr_relocate.core.errors import NotApproved, RecordBroken
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.stored_result import read_stored
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.constrained_text import ConstrainedText

SHOWN: Final = 20
LONGEST_VALUE: Final = 200


class Decision(StrEnum):
    """An answer to the question."""

    APPROVE = "approve"
    REJECT = "reject"


class ApprovalSubject(FrozenModel):
    """The subject of an approval: `question` in one sentence, and its facts by topic and thing.

    `typed`: the text to type for approval, such as the name of a registry to delete; empty for none.
    `summary`: one line for each thing to create, import, change or delete, and for each decision with its default.
    """

    stage: Stage
    question: str
    facts: dict[str, dict[str, str]]
    typed: str = ""
    summary: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return 16 hexadecimal digits of all that is shown and approved: the words and the facts."""
        return _digest({"facts": self.facts_digest, "question": self.question, "summary": self.summary})

    @property
    def facts_digest(self) -> str:
        """Return 16 hexadecimal digits of the stage and the facts. They alone decide whether an answer still holds.

        The words also say how much is still to be done, which is less after an interruption.
        """
        return _digest({"stage": self.stage, "facts": self.facts, "typed": self.typed})


def _digest(what: dict[str, Any]) -> str:
    return sha256(dumps(what, sort_keys=True).encode()).hexdigest()[:16]


class ApprovalForm(FrozenModel):
    """A person's answer: the form in the Prefect UI, and the body of the API call."""

    decision: Decision = Field(
        title="Decision",
        description="Approve: the run continues. Reject: it ends here as Cancelled.",
        json_schema_extra={"position": 0},
    )
    name: Annotated[str, ConstrainedText(r"\s*\S.*\S\s*", "a name: two characters or more")] = Field(
        title="Your name",
        description="Recorded in the report.",
        max_length=100,
        json_schema_extra={"position": 1},
    )
    comment: str = Field(
        default="",
        title="Comment",
        description="Why. Recorded in the report.",
        max_length=2000,
        json_schema_extra={"position": 3},
    )


class Approval(FrozenModel):
    """A recorded decision. `at` is the time of the Prefect server, or of the terminal."""

    stage: Stage
    subject: str
    decision: Decision
    by: str
    at: datetime
    comment: str = ""


class ApprovalRejected(NotApproved):
    """A person rejected, or the answer is not an approval; the run ends. `approval` is the record."""

    def __init__(self, message: str, approval: Approval, *, code: str = "Rejected", remedy: str = "") -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.approval = approval


def waits_for(subject: ApprovalSubject) -> str:
    """Return what a run waits for: `waiting: approval before deploy, digest 381e4c0d`."""
    return f"waiting: approval {subject.stage.words}, digest {subject.digest}"


class ApprovalNeeded(NotApproved):
    """The run cannot wait for a person here: it ends. Run it again with an approval of `subject`."""

    def __init__(self, subject: ApprovalSubject, changes: Iterable[str] = ()) -> None:
        self.changes = tuple(changes)
        changed = "".join(f"\n  - {change}" for change in self.changes)
        otherwise = "or from a deployment" if subject.typed else f"or with --approve {subject.digest}"
        super().__init__(
            subject.question + (f"\nThe facts have changed since the approval:{changed}" if changed else ""),
            code="ApprovalNeeded",
            remedy=f"Run again at a terminal, where you are asked, {otherwise}.",
        )
        self.subject = subject


class PlanChanged(NotApproved):
    """A saved plan is refused because its facts have changed since it was saved."""

    def __init__(self, saved: ApprovalSubject, now: ApprovalSubject) -> None:
        changed = "".join(f"\n  - {change}" for change in subject_changes(saved, now))
        super().__init__(
            f"The saved plan is not carried out: its facts have changed:{changed}",
            code="PlanChanged",
            remedy="Plan again: acr-relocate plan REQUEST --out FILE",
        )


class TerminalAnswer(FrozenModel):
    """An answer given at a terminal. `subject` is the question, if it was asked there.

    `saved_plan`: the answer is a saved plan, which has to fit the facts also where nothing is left to deploy.
    """

    digest: str
    answer: SerializeAsAny[ApprovalForm]
    at: datetime
    subject: ApprovalSubject | None = None
    saved_plan: bool = False


def answer_form(subject: ApprovalSubject) -> type[ApprovalForm]:
    """Return the form for an answer. The form's schema contains the text to type for approval."""
    if not subject.typed:
        return ApprovalForm
    if_approved: JsonDict = {"properties": {"decision": {"const": Decision.APPROVE.value}}}
    then_typed: JsonDict = {"properties": {"typed": {"const": subject.typed}}, "required": ["typed"]}

    class DeletionAnswer(ApprovalForm):
        """The answer to the question about a deletion."""

        model_config = ConfigDict(json_schema_extra={"if": if_approved, "then": then_typed})

        typed: str = Field(
            default="",
            title="Registry name",
            description=f"To approve, type the name of the registry in question: {subject.typed}",
            json_schema_extra={"position": 2},
        )

    return DeletionAnswer


def read_question(key: str, text: str) -> ApprovalSubject:
    """Return what a run has asked under this key, which has the digest of it. Raises RecordBroken."""
    what = f"the question {key} at the Prefect server"
    subject = read_stored(ApprovalSubject, text, what)
    if subject.digest not in key.split("-"):
        raise RecordBroken(
            f"{what[:1].upper()}{what[1:]} is another one than the run has asked. Nothing is approved",
            code="RecordBroken",
            remedy="Somebody has changed it at the Prefect server. Cancel the run, and start a new one.",
        )
    return subject


def recorded(subject: ApprovalSubject, answer: ApprovalForm, at: datetime) -> Approval:
    """Return the decision, for the record."""
    return Approval(
        stage=subject.stage,
        subject=subject.digest,
        decision=answer.decision,
        by=answer.name,
        at=at,
        comment=answer.comment,
    )


def approval_of(subject: ApprovalSubject, answer: ApprovalForm, at: datetime) -> Approval:
    """Return the approval. Raises Rejected if the answer does not approve."""
    approval = recorded(subject, answer, at)
    if answer.decision is Decision.REJECT:
        because = f": {answer.comment}" if answer.comment else ""
        raise ApprovalRejected(
            f"Rejected by {answer.name} {subject.stage.words}{because}",
            approval,
            remedy="Start a new run when the objection is met: only missing work is done.",
        )
    if subject.typed and getattr(answer, "typed", "") != subject.typed:
        raise ApprovalRejected(
            f"{answer.name} approved without typing the name {subject.typed}, so it is not approved",
            approval.model_copy(update={"decision": Decision.REJECT}),
            code="NameNotTyped",
            remedy="Start a new run and type the name.",
        )
    return approval


def terminal_approval(subject: ApprovalSubject, given: Sequence[TerminalAnswer]) -> Approval:
    """Return the approval among the terminal's answers. Raises Rejected, or ApprovalNeeded with the changes."""
    for each in given:
        asked = each.subject or subject
        if each.digest == asked.digest and asked.facts_digest == subject.facts_digest:
            return approval_of(asked, each.answer, each.at)
    earlier = [each.subject for each in given if each.subject and each.subject.stage == subject.stage]
    raise ApprovalNeeded(subject, subject_changes(earlier[-1], subject) if earlier else ())


def subject_changes(before: ApprovalSubject, after: ApprovalSubject) -> tuple[str, ...]:
    """Return the differences between two subjects, one sentence each, up to SHOWN, and the number of the rest."""
    changes = [
        change
        for topic in sorted(before.facts.keys() | after.facts.keys())
        for change in _changes(topic, before.facts.get(topic, {}), after.facts.get(topic, {}))
    ]
    rest = len(changes) - SHOWN
    return (*changes[:SHOWN], *([f"and {rest} more"] if rest > 0 else []))


def _changes(topic: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[str]:
    for thing in sorted(before.keys() | after.keys()):
        if thing not in before:
            yield f"{topic}: {thing} is new{_is(after[thing])}"
        elif thing not in after:
            yield f"{topic}: {thing} is gone{_was(before[thing])}"
        elif before[thing] != after[thing]:
            yield f"{topic}: {thing} is {after[thing]}, was {before[thing]}"


def _is(value: str) -> str:
    return f": {value}" if value else ""


def _was(value: str) -> str:
    return f", was {value}" if value else ""


def flatten_json(value: Any, path: str = "") -> dict[str, str]:
    """Return every value in a JSON document by its dotted path, shortened to be readable."""
    if isinstance(value, dict) and value:
        return {
            k: v for key, item in value.items() for k, v in flatten_json(item, f"{path}.{key}" if path else key).items()
        }
    if isinstance(value, list | tuple) and value:
        return {k: v for number, item in enumerate(value) for k, v in flatten_json(item, f"{path}[{number}]").items()}
    return {path: fingerprint(value) if len(str(value)) > LONGEST_VALUE else dumps(value)}


def fingerprint(value: Any) -> str:
    """Return 12 hexadecimal digits as a fingerprint of a long document."""
    return sha256(dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:12]
