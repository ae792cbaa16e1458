"""The state that a run ends in says what it came to: its verdict, or the decision of a person that ended it."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import State
from prefect.states import Cancelled, Completed

from acr_relocate.core.approval.decision import ApprovalNeeded
from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.content.import_preview import Preview
from acr_relocate.core.errors import NotApproved
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.verdicts import plan_verdict, preview_verdict, report_verdict
from tasks.runs.approval import ask_at_terminal
from tasks.runs.events import announce

_Params = ParamSpec("_Params")
_Result = TypeVar("_Result", Plan, Preview, Report, BatchReport)


def says_verdict(
    flow: Callable[_Params, Coroutine[Any, Any, _Result]],
) -> Callable[_Params, Coroutine[Any, Any, _Result | State[Any]]]:
    """Let a flow end as Completed with its verdict as the message, or as Cancelled where a person has not approved.

    The result is in the state, and callers of the flow get it as before. After an answer at the terminal the flow
    begins again from the top, in the same run: the approved facts are compared with the present ones.
    """

    @wraps(flow)
    async def body(*args: _Params.args, **kwargs: _Params.kwargs) -> _Result | State[Any]:
        while True:
            try:
                result = await flow(*args, **kwargs)
                break
            except NotApproved as error:
                if isinstance(error, ApprovalNeeded) and ask_at_terminal(error):
                    continue
                announce(error)
                return Cancelled(message=_ended_with(error))
        return Completed(message=verdict_of(result), data=result)

    return body


def _ended_with(error: NotApproved) -> str:
    """Return the decision that ended the run, or the question that it cannot wait for here."""
    if isinstance(error, ApprovalNeeded):
        return f"ended with a question: approval {error.subject.stage.words}, digest {error.subject.digest}"
    return str(error)


def verdict_of(result: Plan | Preview | Report | BatchReport) -> str:
    """Return what a run came to, in one line."""
    if isinstance(result, Plan):
        return plan_verdict(result)
    if isinstance(result, Preview):
        return preview_verdict(result)
    return report_verdict(result) if isinstance(result, Report) else result.summary
