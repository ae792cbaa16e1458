"""`acr-relocate approve`, and the question at the terminal: for those who decide without the Prefect UI."""

import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markdown import Markdown

from acr_relocate.core.approval.decision import ApprovalForm, ApprovalNeeded, Decision, TerminalAnswer, answer_form
from deployments.server import for_command

if TYPE_CHECKING:
    from deployments.commands.flow_runner import RunResult

app = typer.Typer()

Approve = Annotated[
    list[str] | None,
    typer.Option(metavar="DIGEST", help="Approve this plan in advance: the digest that an earlier run named."),
]


@app.command()
def approve(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The name or id of a run that waits for approval.")],
    *,
    reject: Annotated[bool, typer.Option("--reject", help="Say no: the run ends as Cancelled.")] = False,
    comment: Annotated[str, typer.Option(help="Why. It stands in the report.")] = "",
    name: Annotated[str, typer.Option(help="Who decides. It stands in the report.")] = "",
    typed: Annotated[str, typer.Option("--type", metavar="REGISTRY", help="To approve a deletion: its name.")] = "",
) -> None:
    """Answer a run that waits for approval in the Prefect server; without it nothing goes on."""
    for_command.require_server()
    from deployments.server import resume_run  # noqa: PLC0415 - 3 s: it imports Prefect

    answer = {
        "decision": Decision.REJECT if reject else Decision.APPROVE,
        "name": name or getpass.getuser(),
        "comment": comment,
        **({"typed": typed} if typed else {}),
    }
    typer.echo(resume_run.answer(run, answer))


def run_until_approved(
    run: Callable[[list[TerminalAnswer]], "RunResult"], screen: Console, approved: Sequence[str]
) -> "RunResult":
    """The flow has run, again after each question that was answered at this terminal, until there is no other."""
    given = [_in_advance(digest) for digest in approved]
    ended = run(given)
    somebody_is_there = screen.is_terminal and sys.stdin.isatty() and not screen.quiet
    while somebody_is_there and isinstance(ended.error, ApprovalNeeded):
        given.append(_asked(ended.error, screen))
        ended = run(given)
    return ended


def _in_advance(digest: str) -> TerminalAnswer:
    answer = ApprovalForm(decision=Decision.APPROVE, name=getpass.getuser(), comment="with --approve")
    return TerminalAnswer(digest=digest, answer=answer, at=datetime.now(UTC))


def _asked(needed: ApprovalNeeded, screen: Console) -> TerminalAnswer:
    subject = needed.subject
    screen.print(Markdown(needed.message))
    yes = typer.confirm(f"Approve {subject.digest}?")
    fields = {
        "decision": Decision.APPROVE if yes else Decision.REJECT,
        "name": typer.prompt("Your name", default=getpass.getuser(), value_proc=_fitting("name")),
        "comment": typer.prompt("Comment", default="", value_proc=_fitting("comment")),
    }
    if subject.typed and yes:
        fields["typed"] = typer.prompt("Type the name of the registry that will be deleted")
    answer = answer_form(subject).model_validate(fields)
    return TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)


def _fitting(field: str) -> Callable[[str], str]:
    """What a person types for a field of the form; what does not fit is said, and asked for again."""

    def fitting(text: str) -> str:
        try:
            ApprovalForm.model_validate({"decision": Decision.APPROVE, "name": "somebody", field: text})
        except ValidationError as error:
            raise typer.BadParameter(error.errors()[0]["msg"]) from None
        return text

    return fitting
