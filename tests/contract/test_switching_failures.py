"""Each kind of dependent whose switch is refused, fails or never ends is as it was, and another switch completes it.

Container apps and sites alone have theirs in test_switching.py and test_switching_sites.py.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.azure.changes.switched.sites import Site
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RelocationError, TemporaryFailure
from acr_relocate.core.switching import SwitchedDependent
from local_azure.launcher import Emulator
from tests.contract.conftest import NUMBERS
from tests.contract.registry_factory import RegistryFactory
from tests.contract.test_switching import App, _group
from tests.contract.test_switching_downstream import Downstream, _here, encoded
from tests.contract.test_switching_settings import Users as Settings
from tests.contract.test_switching_settings import _users
from tests.contract.test_switching_sites import Pair, make_pair
from tests.contract.test_switching_workloads import Cluster, _cluster

pytestmark = pytest.mark.usefixtures("short_looks")

__all__ = ["_cluster", "_group", "_here", "_users"]
LONG = 600.0
SOON = 1.0
FAILURES = {"refused": "deny-assignment", "failed": "change-fails", "out of time": "change-hangs"}


@dataclass(frozen=True)
class Dependent:
    """A dependent, the look at all that Azure shows of it, and a part of the path that its switch writes.

    `waits`: Azure takes no other change of it until the one that never ended is given up.
    """

    former: SwitchedDependent
    look: Callable[[], Awaitable[Any]]
    written: str
    waits: bool = False


@pytest.fixture(name="steady", autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site counts as healthy sooner: how long it has to be is ours to say, and what comes later is a fault's."""
    monkeypatch.setattr(Site, "steady_seconds", 0.1)


@dataclass(frozen=True)
class Users:
    """Makers of dependents."""

    azure: AzureConnection
    settings: Settings
    here: Downstream

    async def job(self) -> Dependent:
        """A job of Container Apps."""
        made = App(self.azure, f"nightly-{next(NUMBERS)}", "jobs")
        await made.make()
        return Dependent(await made.former(), made.settings, made.path.rpartition("/")[2], waits=True)

    async def workspace(self) -> Dependent:
        """A Machine Learning workspace."""
        former = await self.settings.make("ml_workspace")
        return Dependent(former, lambda: self.settings.body(former), "/workspaces/forecast")

    async def configuration(self) -> Dependent:
        """A Flux configuration."""
        former = await self.settings.make("flux_configuration")
        return Dependent(former, lambda: self.settings.body(former), "/fluxConfigurations/apps")

    async def rule(self) -> Dependent:
        """A cache rule of another registry."""
        return Dependent(await self.here.rule(), lambda: self.here.now("cacheRules/base1"), "/cacheRules/base1")

    async def task(self) -> Dependent:
        """A task of another registry."""
        former = await self.here.task(encoded(self.here.hosts["source"]))
        return Dependent(former, lambda: self.here.now("tasks/nightly"), "/tasks/nightly")


KINDS = (Users.job, Users.workspace, Users.configuration, Users.rule, Users.task)


@pytest.fixture(name="makers")
def _makers(azure: AzureConnection, users: Settings, here: Downstream, group: None) -> Users:
    del group
    return Users(azure, users, here)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_a_switch_that_does_not_succeed_is_taken_back_and_done_again(
    makers: Users, emulator: Emulator, kind: Callable[[Users], Awaitable[Dependent]], failure: str
) -> None:
    """To the same bytes; each of the failures meets the write itself."""
    azure, made = makers.azure, await kind(makers)
    before = await made.look()
    emulator.reset_stats()
    part = "path" if failure == "refused" else "resource"
    emulator.arm_fault(FAILURES[failure], **{part: made.written})

    with pytest.raises(RelocationError):
        await switching.switch(azure, made.former, SOON if failure == "out of time" else LONG, [])
    struck = emulator.stats()["writes"]
    emulator.clear_faults()
    if failure == "out of time" and made.waits:
        with pytest.raises(TemporaryFailure, match="in progress"):
            await switching.restore(azure, made.former, LONG)
        emulator.plant(made.former.dependent_id, properties={"provisioningState": "Succeeded"})
    await switching.restore(azure, made.former, LONG)
    restored = await made.look()
    again = await switching.switch(azure, made.former, LONG, [])

    assert any(made.written.lower() in write.lower() for write in struck)
    assert restored == before
    assert again.kind == "created"


@pytest.mark.parametrize("fault", ["deny-assignment", "site-hangs"])
async def test_a_swap_that_is_refused_and_a_slot_that_hangs_leave_production_as_it_is(
    azure: AzureConnection, emulator: Emulator, factory: RegistryFactory, fault: str
) -> None:
    """Both have their former image again; another switch completes it."""
    pair: Pair = await make_pair(azure, emulator, factory)
    name = f"shop-{fault}"
    image = {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"}
    app, slot = await pair.site(name, image), await pair.site(name, image, slot="staging")
    before, former = [await pair.bodies(path) for path in (app, slot)], await pair.former(app, slot="staging")
    await azure.arm.list(f"{slot}/instances", "2024-04-01", doing="Looking")
    emulator.arm_fault(fault, **({"path": "/slotsswap"} if fault == "deny-assignment" else {"site": f"{name}/slots"}))

    with pytest.raises(RelocationError):
        await switching.switch(azure, former, LONG if fault == "deny-assignment" else SOON, [])
    production = await pair.bodies(app)
    emulator.clear_faults()
    await switching.restore(azure, former, LONG)
    restored = [await pair.bodies(path) for path in (app, slot)]
    again = await switching.switch(azure, former, LONG, [])

    assert production == before[0]
    assert restored == before
    assert again.kind == "created"


async def test_a_command_that_a_cluster_refuses_changes_nothing(cluster: Cluster, emulator: Emulator) -> None:
    """The listing is allowed, the change is not: of two workloads none has another image."""
    for name in ("one", "two"):
        await cluster.apply("Deployment", name)
    before, former = await cluster.images(), await cluster.former()
    emulator.reset_stats()
    await switching.switch(cluster.azure, former, LONG, [])
    runs = [one for one in emulator.stats()["writes"] if "/runCommand" in one]
    await switching.restore(cluster.azure, former, LONG)
    found = []
    for number in range(1, len(runs) + 1):
        emulator.arm_fault("stops-at-write", write=runs[0].rpartition(" ")[0], number=number)
        with pytest.raises(RelocationError):
            await switching.switch(cluster.azure, former, LONG, [])
        emulator.clear_faults()
        await switching.restore(cluster.azure, former, LONG)
        found.append(await cluster.images())

    assert len(runs) > 1
    assert found == [before] * len(runs)
    assert (await switching.switch(cluster.azure, former, LONG, [])).kind == "created"
