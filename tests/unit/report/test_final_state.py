"""The state that a run ends in: its message says what the run came to."""

import pytest
from prefect.client.schemas.objects import StateType

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.errors import NotApproved, NotRelocated
from acr_relocate.core.report.report import Report
from tasks.runs.final_state import says_verdict

DELETED = Report(
    flow="delete-source",
    plan_id="0" * 12,
    embedded=False,
    verdict="deleted",
    source_id="/registries/old",
    target_id="/x",
)
BATCH = BatchReport(name="wave", rows=())


@pytest.mark.parametrize(("result", "message"), [(DELETED, "deleted: old"), (BATCH, BATCH.summary)])
async def test_what_ends_well_says_its_verdict(result: Report | BatchReport, message: str) -> None:
    """And has its result, which callers of the flow get."""

    @says_verdict
    async def flow() -> Report | BatchReport:  # type: ignore[type-var]
        return result

    state = await flow()

    assert (state.type, state.message, state.data) == (StateType.COMPLETED, message, result)


async def test_what_a_person_rejects_is_cancelled_with_the_reason() -> None:
    """Not Failed: nothing is wrong."""

    @says_verdict
    async def flow() -> Report:
        raise NotApproved("Bob said no.")

    state = await flow()

    assert (state.type, state.message) == (StateType.CANCELLED, "Bob said no.")


async def test_what_fails_is_for_prefect_to_tell() -> None:
    """It makes the message of the Failed state from the error."""

    @says_verdict
    async def flow() -> Report:
        raise NotRelocated("not level")

    with pytest.raises(NotRelocated):
        await flow()
