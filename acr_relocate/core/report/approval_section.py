"""Approvals on paper: the question that a person is asked, and who decided what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acr_relocate.core.approval.decision import Approval, ApprovalSubject
from acr_relocate.core.documents.document import Cell, Table
from acr_relocate.core.documents.markdown_parts import document


def question_markdown(subject: ApprovalSubject, changes: Sequence[str], *, run: str = "RUN") -> str:
    """Return what a person is asked, and how else than by the form it may be answered."""
    changed = "\n".join(f"- {change}" for change in changes)
    return document(
        f"### {subject.question}",
        f"**You are asked again, because this has changed since the last question:**\n\n{changed}" if changes else "",
        "Read the plan first: it is among the artifacts of this run.",
        f"Approval `{subject.digest}`, {subject.stage.words}. No worker is held meanwhile, and nothing runs.",
        f"From a terminal: `acr-relocate approve {run}` or `acr-relocate approve {run} --reject --comment WHY`",
    )


def approvals_table(approvals: Iterable[Approval]) -> Table:
    """Return who decided what, when and why."""
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
