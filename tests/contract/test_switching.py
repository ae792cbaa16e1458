"""A dependent is switched, proven and restored over the real SDK, at an Azure whose apps fail as they do."""

import copy
from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RelocationError, TemporaryFailure
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.container_apps import CONTAINER_APPS_API, to_target
from local_azure.launcher import Emulator

pytestmark = pytest.mark.usefixtures("short_looks")

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/switching"
SOURCE, TARGET = "old.azurecr.io", "new.azurecr.io"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/here"
VOLATILE = ("latestRevisionName", "latestReadyRevisionName")
LONG = 600.0


class App:
    """One container app or job."""

    def __init__(self, azure: AzureConnection, name: str, kind: str = "containerApps") -> None:
        self.azure = azure
        self.path = f"{GROUP}/providers/Microsoft.App/{kind}/{name}"
        self.kind: SwitchedKind = "container_app" if kind == "containerApps" else "container_app_job"

    async def make(self, **configuration: Any) -> None:
        own = {
            "configuration": {"registries": [{"server": SOURCE, "identity": "system"}]} | configuration,
            "template": {"containers": [{"name": "main", "image": f"{SOURCE}/shop/web:1", "env": [{"name": "A"}]}]},
        }
        body = {"location": "westeurope", "properties": own}
        await self.azure.arm.put(self.path, CONTAINER_APPS_API, body, doing="Making an app")

    async def now(self) -> dict[str, Any]:
        return await self.azure.arm.get(self.path, CONTAINER_APPS_API, doing="Looking")

    async def settings(self) -> dict[str, Any]:
        """All that Azure shows, but for the names of revisions."""
        found = copy.deepcopy(await self.now())
        for name in VOLATILE:
            found["properties"].pop(name, None)
        return found

    async def change(self, patch: dict[str, Any]) -> None:
        await self.azure.arm.patch(self.path, CONTAINER_APPS_API, {"properties": patch}, doing="Changing an app")

    async def former(self) -> SwitchedDependent:
        planned = SwitchedDependent(
            registry_id=REGISTRY.lower(),
            kind=self.kind,
            dependent_id=self.path,
            source_server=SOURCE,
            target_server=TARGET,
            images=({"container": "main", "image": f"{SOURCE}/shop/web:1"},),
        )
        found = await switching.find_former(self.azure, planned, RenameMap())
        assert found
        return found


@pytest.fixture(name="group")
def _group(emulator: Emulator) -> None:
    emulator.plant(GROUP, location="westeurope", properties={"provisioningState": "Succeeded"})


@pytest.mark.parametrize("kind", ["containerApps", "jobs"])
@pytest.mark.usefixtures("group")
async def test_to_the_target_and_back_to_the_same_bytes(azure: AzureConnection, kind: str) -> None:
    """A second time either does nothing."""
    app = App(azure, "there-and-back", kind)
    await app.make()
    before, former = await app.settings(), await app.former()

    switched = await switching.switch(azure, former, LONG, [])
    there = await app.settings()
    again = await switching.switch(azure, former, LONG, [])
    gone = await switching.find_former(azure, former, RenameMap())
    back = await switching.restore(azure, former, LONG)
    back_again = await switching.restore(azure, former, LONG)

    assert [one.kind for one in (switched, again, back, back_again)] == [
        "created",
        "already_there",
        "removed",
        "already_there",
    ]
    assert gone is None
    assert SOURCE not in str(there)
    assert there["properties"]["template"]["containers"][0]["image"] == f"{TARGET}/shop/web:1"
    assert await app.settings() == before


@pytest.mark.usefixtures("group")
async def test_the_source_leaves_the_registries_only_after_the_proof(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """A revision that is refused finds the source's entry still there, and the app is restored to the same bytes."""
    app = App(azure, "unhealthy")
    await app.make()
    before, former = await app.settings(), await app.former()
    emulator.arm_fault("revision-fails", app="unhealthy")

    with pytest.raises(RelocationError, match="Failed to provision revision"):
        await switching.switch(azure, former, LONG, [])
    halfway = await app.now()
    with pytest.raises(RelocationError, match="Failed, Failed, health Unhealthy") as again:
        await switching.switch(azure, former, LONG, [])
    restored = await switching.restore(azure, former, LONG)

    servers = [one["server"] for one in halfway["properties"]["configuration"]["registries"]]
    assert servers == [SOURCE, TARGET]
    assert again.value.code == "NotHealthy"
    assert restored.kind == "removed"
    assert await app.settings() == before


@pytest.mark.usefixtures("group")
async def test_one_that_never_gets_ready_is_out_of_time(azure: AzureConnection, emulator: Emulator) -> None:
    """The message has Azure's own states."""
    app = App(azure, "hanging")
    await app.make()
    before, former = await app.settings(), await app.former()
    emulator.arm_fault("revision-hangs", app="hanging")
    half = await _halfway(app, former)

    with pytest.raises(RelocationError, match=r"within 0 minutes: its revision .* is Provisioning, Processing"):
        await switching.switch(azure, former, 0.3, [])
    await switching.restore(azure, former, LONG)

    assert half
    assert await app.settings() == before


async def _halfway(app: App, former: SwitchedDependent) -> dict[str, Any]:
    """Killed after the change of the images, before anything was proven."""
    patch = to_target(await app.now(), former)
    await app.change(patch["properties"])
    return patch


@pytest.mark.usefixtures("group")
async def test_a_killed_switch_is_finished_or_restored(azure: AzureConnection) -> None:
    """From the same facts, which are in Azure."""
    one, other = App(azure, "killed-one"), App(azure, "killed-other")
    for app in (one, other):
        await app.make()
    before = await other.settings()
    facts = [await app.former() for app in (one, other)]
    for app, former in zip((one, other), facts, strict=True):
        await _halfway(app, former)

    finished = await switching.switch(azure, facts[0], LONG, [])
    restored = await switching.restore(azure, facts[1], LONG)

    assert (finished.kind, restored.kind) == ("created", "removed")
    assert SOURCE not in str(await one.now())
    assert await other.settings() == before


@pytest.mark.usefixtures("group")
async def test_a_refused_write_changes_nothing(azure: AzureConnection, emulator: Emulator) -> None:
    app = App(azure, "refused")
    await app.make()
    before, former = await app.now(), await app.former()
    emulator.arm_fault("deny-assignment", method="PATCH", path="/containerApps/refused")

    with pytest.raises(RelocationError, match="deny assignment"):
        await switching.switch(azure, former, LONG, [])
    restored = await switching.restore(azure, former, LONG)

    assert restored.kind == "already_there"
    assert await app.now() == before


@pytest.mark.usefixtures("group")
async def test_a_busy_app_is_worth_a_retry(azure: AzureConnection, emulator: Emulator) -> None:
    app = App(azure, "busy")
    await app.make()
    former = await app.former()
    emulator.arm_fault("app-busy", app="busy")

    with pytest.raises(TemporaryFailure, match="active provisioning operation"):
        await switching.switch(azure, former, LONG, [])
    assert (await switching.switch(azure, former, LONG, [])).kind == "created"


@pytest.mark.usefixtures("group")
async def test_an_app_that_was_unhealthy_before_is_left(azure: AzureConnection, emulator: Emulator) -> None:
    """Its health would tell nothing afterwards."""
    app = App(azure, "ill")
    emulator.arm_fault("revision-hangs", app="ill")
    await app.make()
    before, former = await app.now(), await app.former()

    with pytest.raises(RelocationError, match=r"before the switch .* so it was left as it is"):
        await switching.switch(azure, former, LONG, [])
    assert await app.now() == before


@pytest.mark.usefixtures("group")
async def test_what_somebody_has_deployed_since_stays(azure: AzureConnection) -> None:
    app = App(azure, "deployed")
    await app.make()
    former = await app.former()
    await switching.switch(azure, former, LONG, [])
    await app.change({"template": {"containers": [{"name": "main", "image": f"{TARGET}/shop/web:2"}]}})
    newer = await app.now()

    left = await switching.restore(azure, former, LONG)

    assert left.kind == "skipped"
    assert "main runs new.azurecr.io/shop/web:2" in left.reason
    assert await app.now() == newer


@pytest.mark.usefixtures("group")
async def test_with_several_active_revisions_the_traffic_moves_in_steps(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """The former revision stays active and may pull, so the source stays among the registries, which is told."""
    app = App(azure, "several")
    latest = {"traffic": [{"latestRevision": True, "weight": 100}]}
    await app.make(activeRevisionsMode="Multiple", ingress=latest)
    before, former = await app.settings(), await app.former()

    switched = await switching.switch(azure, former, LONG, [50])
    there = await app.now()
    old, new = former.revision, there["properties"]["latestRevisionName"]
    emulator.plant(f"{app.path}/revisions/{old}", properties={"active": False, "template": {}})
    finished = await switching.switch(azure, former, LONG, [50])
    entries = (await app.now())["properties"]["configuration"]["registries"]
    await switching.restore(azure, former, LONG)

    assert f"{old} is still active" in switched.reason
    assert SOURCE in str(there["properties"]["configuration"]["registries"])
    assert there["properties"]["configuration"]["ingress"] == latest
    assert new != old
    assert (finished.kind, finished.reason) == ("created", "")
    assert [one["server"] for one in entries] == [TARGET]
    assert await app.settings() == before
