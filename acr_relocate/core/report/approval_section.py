"""Approvals as text: the question to a person, and the decisions."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from acr_relocate.core.approval.decision import Approval, ApprovalSubject
from acr_relocate.core.documents.document import Cell, Table
from acr_relocate.core.documents.markdown_parts import document


def question_markdown(subject: ApprovalSubject, changes: Sequence[str], *, run: str = "RUN", link: str = "") -> str:
    """Return the question, its summary, and the ways to answer it other than the form.

    Args:
        subject: The subject to approve.
        changes: The changes since the last question.
        run: The name of the run, for the command.
        link: The address of the run, whose artifacts have the plan.

    """
    changed = "\n".join(f"- {change}" for change in changes)
    summary = "\n".join(f"- {line}" for line in question_summary(subject))
    plan = f"[The run with its plan]({link})" if link else "The plan is among the artifacts of this run."
    typed = f" --type {subject.typed}" if subject.typed else ""
    run = shlex.quote(run)  # it may have a typed name, in brackets
    return document(
        f"### {subject.question}",
        f"**You are asked again, because this has changed since the last question:**\n\n{changed}" if changes else "",
        f"**What you approve:**\n\n{summary}" if summary else "",
        plan,
        f"Approval `{subject.digest}`, {subject.stage.words}. The run is suspended and uses no worker.",
        f"In a terminal: `acr-relocate approve {run}{typed}` shows this and asks; "
        f"`acr-relocate approve {run} --reject --comment WHY` rejects it.",
    )


def question_summary(subject: ApprovalSubject) -> tuple[str, ...]:
    """Return the subject to approve, a line each: the first lines of its summary or facts, and the number of others."""
    lines = subject.summary or tuple(
        f"{SHOWN_TOPICS[topic]}: {thing}{f' ({value})' if value else ''}"
        for topic, things in subject.facts.items()
        if topic in SHOWN_TOPICS
        for thing, value in things.items()
    )
    rest = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"and {rest} more"] if rest > 0 else []))


MOST_LINES: Final = 30
SHOWN_TOPICS: Final = {
    "removed": "deletes",
    "taken back": "restores",
    "only at the target": "only at the target",
    "only at the source": "only at the source",
    "taken from the source": "taken from the source",
    "not decided": "not decided",
    "not known": "not known",
}
"""The topics of a deletion's facts that name changes and losses, in the words of the question."""


def approvals_table(approvals: Iterable[Approval]) -> Table:
    """Return the decisions with their authors, times and comments."""
    rows = (
        (
            Cell(approval.stage.words, f"of {approval.subject}"),
            "approved" if approval.decision == "approve" else "rejected",
            approval.by,
            f"{approval.at:%Y-%m-%d %H:%M:%S %Z}",
            approval.comment,
        )
        for approval in approvals
    )
    return Table(("", "decision", "by", "when", "comment"), tuple(rows))
