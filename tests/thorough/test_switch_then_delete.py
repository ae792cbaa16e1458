"""After a switch the source can be deleted: only what the report leaves to people is in the way, and then nothing."""

import pytest

from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.report import Report
from deployments.standing import read_standing
from flows.delete_source import delete_source
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from local_azure.seeds.surroundings import LOGS_ID
from tests.service.conftest import make_move
from tests.service.deleting import EVENTS, NORTH, WEST, asked, event
from tests.service.test_switching import RUN_BY_APPS, USERS_LEFT

pytestmark = pytest.mark.usefixtures("short_looks")

IMPOSSIBLE = {
    "Microsoft.Web/sites": "contoso-resize",
    "Microsoft.ContainerInstance/containerGroups": "contoso-smoke-test",
    "Microsoft.Batch/batchAccounts/pools": "ingest",
}


async def test_only_what_the_report_leaves_to_people_is_in_the_way(own_demo: Emulator) -> None:
    """The function with a password, and what Azure cannot change but by making it again."""
    subnets = {f"{WEST}/{name}": f"{NORTH}/{name}" for name in ("apps", "endpoints")}
    move = make_move(own_demo, RUN_BY_APPS, subnets=subnets, switch={"enabled": True, "swap_slot": "staging"})
    report = await relocate_registry(move.request)
    assert isinstance(report, Report)
    own_demo.log(LOGS_ID, EVENTS, event("Push", days=60))
    users = (await read_standing(move.request, None)).users
    with pytest.raises(RelocationError) as blocked:
        await delete_source(move.request)

    for kind, name in IMPOSSIBLE.items():
        [found] = [one for one in own_demo.resources(kind) if one["name"] == name]
        own_demo.uproot(found["id"])
    own_demo.log(LOGS_ID, "ContainerInventory")
    question = await asked(move)

    assert report.verdict == "relocated"
    assert sorted(users) == USERS_LEFT
    for name in USERS_LEFT:
        assert f"{name} still uses the source" in blocked.value.message
    assert "contosoregistry" in question.question
