"""Ask a person for approval: the run waits in the Prefect UI without using a worker, or asks at the terminal.

A run of a deployment is suspended: its process ends, its limits are freed, and resuming it means filling in a form. It
then begins again from the top, so that the approved facts are compared with the present ones. The answer is read
from the server's record of the run, with the time at which the server took it; there is no parameter for it.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from secrets import token_hex
from typing import Any, cast
from uuid import UUID

from prefect import State, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import Pause
from prefect.input.run_input import RunInput, keyset_from_paused_state
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Suspended

from acr_relocate.core.approval.decision import (
    Approval,
    ApprovalForm,
    ApprovalNeeded,
    ApprovalSubject,
    TerminalAnswer,
    answer_form,
    approval_of,
    read_question,
    recorded,
    subject_changes,
    terminal_approval,
    waits_for,
)
from acr_relocate.core.approval.question_form import ALTERED, is_as_asked, text_digest
from acr_relocate.core.registry.stored_result import read_stored
from acr_relocate.core.report.approval_section import question_markdown
from tasks.runs.queries import url_of

Asker = Callable[[ApprovalNeeded], TerminalAnswer | None]
RESUMED = "Resuming"
"""The Prefect server's name for the state of a suspended run whose form was filled in."""


async def request_approval(subject: ApprovalSubject) -> Approval:
    """Return a person's approval of exactly this. Raises Rejected, or ApprovalNeeded if the run cannot wait.

    In a run of a deployment: suspends it until somebody has answered. To be called from the flow itself.
    Again: an answer about the same facts counts; otherwise the question is asked again with the changes.
    On failure: nothing was changed.
    """
    async with get_client() as client:
        run = await client.read_flow_run(UUID(str(flow_run.id)))
        if run.deployment_id is None or run.parent_task_run_id is not None:  # Prefect cannot suspend any other
            return terminal_approval(subject, _given)
        record = Record(client, run.id, await _suspensions(client, run.id))
        for asked in record.about(subject):
            if answer := await record.answer(asked, subject):
                return approval_of(await record.subject(asked.key) or subject, answer, asked.ended)
        # The key is unknown before the question exists, so it cannot have been answered beforehand.
        text = question_markdown(subject, await record.changes(subject), run=run.name, link=url_of(run.id))
        key = f"{_stage_and_facts(subject)}-{subject.digest}-{text_digest(text)}-{token_hex(8)}"
        await client.create_flow_run_input(run.id, f"{key}-subject", subject.model_dump_json())
        await _suspend(client, run, subject, key, text)
    raise RuntimeError("The Prefect server did not suspend this run, so no person was asked.")


async def _suspend(client: PrefectClient, run: FlowRun, subject: ApprovalSubject, key: str, text: str) -> None:
    """Suspend this run with a form, and with what it waits for as the message of its state.

    As Prefect's `suspend_flow_run` does, which gives the state no message. Returns if the server does not suspend it.
    """
    form = RunInput.subclass_from_base_model_type(answer_form(subject)).with_initial_data(description=text)
    waiting: State[Any] = Suspended(pause_key=key, message=f"{waits_for(subject)}. {subject.question}")
    keyset = keyset_from_paused_state(waiting)
    waiting.state_details.run_input_keyset = cast("dict[str, str]", keyset)
    answer = await client.set_flow_run_state(run.id, waiting)
    if answer.status is SetStateStatus.ACCEPT:
        await form.asave(keyset)  # not before: the server clears what is under these keys
        get_run_logger().info("%s", waiting.message)
        raise Pause(state=answer.state)


async def earlier_approvals() -> tuple[Approval, ...]:
    """Return the decisions in this run before its suspension, or at this terminal before it was run again."""
    here = [recorded(each.subject, each.answer, each.at) for each in _given if each.subject]
    async with get_client() as client:
        run_id = UUID(str(flow_run.id))
        record = Record(client, run_id, await _suspensions(client, run_id))
        return (*here, *[each async for each in record.decisions()])


def has_saved_plan() -> bool:
    """Return whether this process carries out a saved plan: it must match the facts."""
    return any(each.saved_plan for each in _given)


@contextmanager
def answered_at_terminal(given: Sequence[TerminalAnswer], ask: Asker | None = None) -> Iterator[None]:
    """Answer the questions of this process with these answers while the block runs, and ask for those that lack.

    `ask` returns the answer of a person at the terminal, or None if that person is not to be asked.
    """
    _given[:] = given
    _askers[:] = [ask] if ask else []
    try:
        yield
    finally:
        _given.clear()
        _askers.clear()


def ask_at_terminal(needed: ApprovalNeeded) -> bool:
    """Ask the person at the terminal of this process; return whether there is an answer now."""
    answers = [answer for ask in _askers if (answer := ask(needed))]
    _given.extend(answers)
    return bool(answers)


@dataclass(frozen=True)
class Suspension:
    """A question with which a run was suspended; `ended` is when it was answered or given up.

    `resumed`: the server took an answer through the question's form, not a mere change of the run's state.
    """

    key: str
    keyset: Mapping[str, str]
    ended: datetime
    resumed: bool


@dataclass(frozen=True)
class Record:
    """The Prefect server's record of a run's questions and answers."""

    client: PrefectClient
    run_id: UUID
    suspensions: tuple[Suspension, ...]

    def about(self, subject: ApprovalSubject) -> list[Suspension]:
        """Return the questions about exactly these facts."""
        return [each for each in self.suspensions if each.key.startswith(f"{_stage_and_facts(subject)}-")]

    async def answer(self, asked: Suspension, subject: ApprovalSubject) -> ApprovalForm | None:
        """Return the answer to a question, or None; also if its form is not as it was asked."""
        text = await self._input(asked.keyset["response"]) if asked.resumed else None
        if not text or not await self.is_as_asked(asked, subject):
            return None
        return read_stored(answer_form(subject), text, f"the answer to {asked.key}")

    async def is_as_asked(self, asked: Suspension, subject: ApprovalSubject) -> bool:
        """Return whether the form shows what was asked: a person in the UI reads nothing else."""
        text, schema = [await self._input(asked.keyset[part]) for part in ("description", "schema")]
        return is_as_asked(asked.key, subject, text, schema)

    async def changes(self, subject: ApprovalSubject) -> tuple[str, ...]:
        """Return the changes since the last question at this stage; empty for the first one."""
        earlier = [each for each in self.suspensions if each.key.startswith(_stage(subject))]
        before = await self.subject(earlier[-1].key) if earlier else None
        if before is None:
            return ()
        altered = () if await self.is_as_asked(earlier[-1], before) else (ALTERED,)
        return (*altered, *subject_changes(before, subject))

    async def decisions(self) -> AsyncIterator[Approval]:
        """Yield every answered question, with its answer."""
        for asked in self.suspensions:
            subject = await self.subject(asked.key)
            if subject and (answer := await self.answer(asked, subject)):
                yield recorded(subject, answer, asked.ended)

    async def subject(self, key: str) -> ApprovalSubject | None:
        """Return what was asked under this key. Raises RecordBroken if somebody has changed it since."""
        text = await self._input(f"{key}-subject")
        return read_question(key, text) if text else None

    async def _input(self, key: str) -> str | None:
        found = await self.client.filter_flow_run_input(self.run_id, key, 1, set())
        return found[0].value if found else None


async def _suspensions(client: PrefectClient, run_id: UUID) -> tuple[Suspension, ...]:
    """Return the questions of a run from its state history: an answer without a question did not come by a form."""
    states = sorted(await client.read_flow_run_states(run_id), key=lambda state: state.timestamp)
    return tuple(
        Suspension(
            state.state_details.pause_key,
            cast("dict[str, str]", keyset_from_paused_state(state)),
            following.timestamp,
            resumed=following.name == RESUMED,
        )
        for state, following in pairwise(states)
        if state.is_paused() and state.state_details.pause_key
    )


def _stage_and_facts(subject: ApprovalSubject) -> str:
    return f"{_stage(subject)}-{subject.facts_digest}"


def _stage(subject: ApprovalSubject) -> str:
    return subject.stage.replace("_", "-")  # the server takes no underscores here


_given: list[TerminalAnswer] = []
_askers: list[Asker] = []
