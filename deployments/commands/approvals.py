"""`acr-relocate approve`, and the question at the terminal: for approvers without the Prefect UI."""

import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from acr_relocate.core.approval.decision import (
    ApprovalForm,
    ApprovalNeeded,
    ApprovalSubject,
    Decision,
    PlanChanged,
    TerminalAnswer,
    answer_form,
)
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.report.approval_section import question_summary
from acr_relocate.core.report.summary import wrapped
from deployments.commands.operator_name import operator_name
from deployments.commands.options import display
from deployments.server import for_command

if TYPE_CHECKING:
    from deployments.commands.flow_runner import RunResult
    from tasks.runs.approval import Asker

app = typer.Typer()

TYPE_THE_NAME = "To confirm, type the name of the registry in question"

Approve = Annotated[
    list[str] | None,
    typer.Option(metavar="DIGEST", help="Approve this plan in advance: the digest printed by an earlier run."),
]


@app.command()
def approve(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The name or id of a run that waits for approval.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needs --digest.")] = False,
    digest: Annotated[str, typer.Option(metavar="DIGEST", help="The digest in the question.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject: the run ends as Cancelled.")] = False,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why. Recorded in the report.")] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="The approver. Recorded in the report.")] = "",
    typed: Annotated[str, typer.Option("--type", metavar="REGISTRY", help="To approve a deletion: its name.")] = "",
) -> None:
    """Show the question of a waiting run, and approve or reject it. Needs a Prefect server (PREFECT_API_URL).

    For scripts: --yes --digest DIGEST approves only the question with this digest.
    """
    if yes and not digest and not reject:
        raise InvalidRequest(
            "--yes needs the digest of the question.",
            remedy=f"`acr-relocate approve {shlex.quote(run)}` shows it; then pass --yes --digest DIGEST",
        )
    for_command.require_server()
    from deployments.server import resume_run  # noqa: PLC0415 - 3 s: it imports Prefect

    waiting = resume_run.question(run)
    _show_question(waiting.subject, Console(), waiting.link)
    if digest and digest != waiting.subject.digest:
        raise InvalidRequest(
            f"Nothing is approved: {run} waits for an approval of {waiting.subject.digest}, not of {digest}.",
            remedy="Read the changes above, then approve that digest.",
        )
    if not reject and not yes:
        _confirm(waiting.subject)
        typed = typed or (typer.prompt(TYPE_THE_NAME) if waiting.subject.typed else "")
    answer = {
        "decision": Decision.REJECT if reject else Decision.APPROVE,
        "name": name or operator_name(),
        "comment": comment,
        **({"typed": typed} if typed else {}),
    }
    typer.echo(resume_run.answer(run, answer, waiting.subject.digest))


def _confirm(subject: ApprovalSubject) -> None:
    """Ask. Raises InvalidRequest without a terminal: an empty standard input approves nothing."""
    if not sys.stdin.isatty():
        raise InvalidRequest(
            "Nothing is approved: standard input is not a terminal.",
            remedy=f"Run it at a terminal, or pass --yes --digest {subject.digest}",
        )
    if not typer.confirm(f"Approve {subject.digest}?"):
        raise InvalidRequest("Nothing is approved; the run still waits.", remedy="To end it, pass --reject.")


def _show_question(subject: ApprovalSubject, screen: Console, link: str = "") -> None:
    """Print all facts of the approval. Words are never broken: names and commands can be copied."""
    lines = [subject.question, *(f"  - {line}" for line in question_summary(subject))]
    lines += [f"Plan: {link}"] if link else []
    lines += [f"Digest: {subject.digest} ({subject.stage.words})"]
    for line in lines:
        shown = wrapped(line, 4) if screen.is_terminal else line
        screen.print(shown, soft_wrap=True, highlight=False, markup=False)


def run_with_approvals(
    run: Callable[[list[TerminalAnswer], "Asker"], "RunResult"],
    screen: Console,
    approved: Sequence[str],
    before: Sequence[TerminalAnswer] = (),
    *,
    yes: bool = False,
) -> "RunResult":
    """Run the flow, with the answers given in advance, and ask each further question at this terminal.

    `yes`: approve each without asking.
    """
    somebody_is_there = screen.is_terminal and sys.stdin.isatty() and not display().as_json
    saved = {each.subject.stage: each.subject for each in before if each.subject}

    def ask(needed: ApprovalNeeded) -> TerminalAnswer | None:
        if needed.subject.stage in saved:  # the plan that was given has changed
            return None
        if yes:
            return _in_advance(needed.subject.digest)
        return _asked(needed) if somebody_is_there else None

    ended = run([*before, *(_in_advance(digest) for digest in approved)], ask)
    if isinstance(ended.error, ApprovalNeeded) and ended.error.subject.stage in saved:
        ended.error = PlanChanged(saved[ended.error.subject.stage], ended.error.subject)
    return ended


def _in_advance(digest: str) -> TerminalAnswer:
    answer = ApprovalForm(decision=Decision.APPROVE, name=operator_name(), comment="at the command")
    return TerminalAnswer(digest=digest, answer=answer, at=datetime.now(UTC))


def _asked(needed: ApprovalNeeded) -> TerminalAnswer:
    subject, screen = needed.subject, Console(stderr=True)  # a question is asked with --quiet as well
    for change in needed.changes:
        screen.print(f"Changed since: {change}", soft_wrap=True, highlight=False, markup=False)
    _show_question(subject, screen)
    yes = typer.confirm(f"Approve {subject.digest}?")
    fields = {
        "decision": Decision.APPROVE if yes else Decision.REJECT,
        "name": typer.prompt("Your name", default=operator_name(), value_proc=_fitting("name")),
        "comment": typer.prompt("Comment", default="", value_proc=_fitting("comment")),
    }
    if subject.typed and yes:
        fields["typed"] = typer.prompt(TYPE_THE_NAME)
    answer = answer_form(subject).model_validate(fields)
    return TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)


def _fitting(field: str) -> Callable[[str], str]:
    """Return a prompt's validator for a field of the form; invalid input is explained and asked for again."""

    def fitting(text: str) -> str:
        try:
            ApprovalForm.model_validate({"decision": Decision.APPROVE, "name": "somebody", field: text})
        except ValidationError as error:
            raise typer.BadParameter(error.errors()[0]["msg"]) from None
        return text

    return fitting
