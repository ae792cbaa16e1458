"""A plan changes nothing under any identity, and never takes unreadable for absent."""

import pytest

from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.plan_page import plan_markdown
from flows.plan import plan_relocation
from local_azure.launcher import Emulator
from local_azure.state.settings import READER_CLIENT_ID, READER_SECRET
from tests.service.conftest import Move


def changes(emulator: Emulator) -> list[str]:
    """The requests that changed anything, in ARM or in a registry, by their routes; asking for a token does not."""
    routes = [route for route in emulator.stats()["routes"] if not route.startswith(("GET", "HEAD", "CONNECT"))]
    registry = [route for route in routes if "/v2/" in route or "/acr/v1/" in route]
    return [*emulator.stats()["writes"], *registry]


@pytest.mark.parametrize("who", ["owner", "reader"])
async def test_a_plan_writes_nothing(who: str, whole_move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one write, in ARM or in a registry; the Reader's plan is as complete, and says what a Reader may not do."""
    if who == "reader":
        monkeypatch.setenv("AZURE_CLIENT_ID", READER_CLIENT_ID)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", READER_SECRET)

    plan: Plan = await plan_relocation(whole_move.request)

    assert changes(whole_move.emulator) == []
    assert whole_move.emulator.stats()["arm_writes"] == 0
    assert plan.counts is not None
    assert plan.counts.repositories == len(whole_move.source())
    assert ("target_cannot_be_deployed" in {finding.code for finding in plan.blockers}) == (who == "reader")


async def test_a_registry_out_of_reach_is_never_an_empty_one(small_move: Move) -> None:
    """The plan says that nothing is known of the content, and where to run from; not that there are 0 repositories."""
    source = small_move.request.source.resource_id
    before = next(one for one in small_move.emulator.resources() if one["id"] == source)["properties"]
    small_move.emulator.plant(source, properties={"publicNetworkAccess": "Disabled"})

    try:
        plan: Plan = await plan_relocation(small_move.request)
    finally:
        small_move.emulator.plant(source, properties={"publicNetworkAccess": before["publicNetworkAccess"]})

    assert plan.counts is None
    assert [finding.code for finding in plan.blockers] == ["registry_out_of_reach"]
    assert "contoso-acr-pe" in plan.blockers[0].remedy
    assert "0 repositories" not in plan_markdown(plan, embedded=True)
