"""Apps and functions of App Service are switched, proven and restored, alone, by sidecar, and through a slot."""

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.azure.changes.switched.sites import Site as SiteFamily
from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.former_values import FormerImage
from acr_relocate.core.switching.sites import SERVER_SETTING, SITES_API
from local_azure.launcher import Emulator, running
from tests.contract.conftest import NUMBERS, entered
from tests.contract.registry_factory import RegistryFactory

pytestmark = pytest.mark.usefixtures("short_looks")

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sites"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SECRET = {"DB": "not-a-real-secret", "KEY": "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)"}
LONG = 600.0
STEADY = SiteFamily.steady_seconds


class Pair:
    """Two registries with the same images, and sites that pull from the first with their own identity."""

    def __init__(
        self, azure: AzureConnection, source: str, target: str, registries: list[Any], made: RegistryFactory
    ) -> None:
        self.azure, self.source, self.target = azure, source, target
        self.registries, self._made = registries, made

    async def site(self, name: str, config: dict[str, Any], slot: str = "", **settings: str) -> str:
        """A site or slot; its id."""
        path = f"{GROUP}/providers/Microsoft.Web/sites/{name}" + (f"/slots/{slot}" if slot else "")
        body = {
            "location": "westeurope",
            "kind": "app,linux,container",
            "identity": {"type": "SystemAssigned"},
            "properties": {"siteConfig": {"acrUseManagedIdentityCreds": True, "alwaysOn": True} | config},
        }
        made = await self.azure.arm.put(path, SITES_API, body, doing="Making a site")
        for registry in self.registries:
            await self._made.grant(registry, PULL, made["identity"]["principalId"])
        await self.azure.arm.put(
            f"{path}/config/appsettings", SITES_API, {"properties": SECRET | settings}, doing="Setting"
        )
        return path

    async def bodies(self, path: str) -> dict[str, Any]:
        """All that Azure shows of a site, but for its instances."""
        listed = await self.azure.arm.post(f"{path}/config/appsettings/list", SITES_API, doing="Looking")
        return {
            "site": await self.azure.arm.get(path, SITES_API, doing="Looking"),
            "config": await self.azure.arm.get(f"{path}/config/web", SITES_API, doing="Looking"),
            "sidecars": await self.azure.arm.list(f"{path}/sitecontainers", SITES_API, doing="Looking"),
            "settings": listed["properties"],
        }

    async def former(self, path: str, **known: Any) -> SwitchedDependent:
        planned = SwitchedDependent(
            registry_id=self.registries[0].resource_id.lower(),
            kind="web_app",
            dependent_id=path,
            source_server=self.source,
            target_server=self.target,
            images=(FormerImage(container="any", image=f"{self.source}/any"),),
            **known,
        )
        found = await switching.find_former(self.azure, planned, RenameMap())
        assert found
        return found

    async def there_and_back(self, former: SwitchedDependent) -> list[Outcome]:
        """Twice there, twice back; in between nothing names the source."""
        there = [await switching.switch(self.azure, former, LONG, []) for _ in range(2)]
        for path in former.covers:
            assert self.source not in str(await self.bodies(path))
            assert f"{self.target}/shop/web" in str(await self.bodies(path))
        return [*there, *[await switching.restore(self.azure, former, LONG) for _ in range(2)]]


@pytest.fixture(name="steady", autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site counts as healthy sooner: how long it has to be is ours to say, and what comes later is a fault's."""
    monkeypatch.setattr(SiteFamily, "steady_seconds", 0.3)


@pytest.fixture(name="pair")
async def _pair(azure: AzureConnection, emulator: Emulator, factory: RegistryFactory) -> Pair:
    return await make_pair(azure, emulator, factory)


async def make_pair(azure: AzureConnection, emulator: Emulator, factory: RegistryFactory) -> Pair:
    emulator.plant(GROUP, location="westeurope", properties={"provisioningState": "Succeeded"})
    registries = [await factory.registry(), await factory.registry()]
    for one in registries:
        for name in ("shop/web", "shop/proxy"):
            await factory.pushed(one).image(name, "1", text=name)
    source, target = (f"{one.name}.azurecr.io" for one in registries)
    return Pair(azure, source, target, registries, factory)


DONE = ["created", "already_there", "removed", "already_there"]


async def test_an_app_with_a_sidecar_goes_there_and_back_to_the_same_bytes(pair: Pair) -> None:
    """Of its settings only the registry's address is another in between; the others are secrets, and stay."""
    url = f"https://{pair.source}"
    path = await pair.site("both", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"}, **{SERVER_SETTING: url})
    sidecar = {
        "image": f"{pair.source}/shop/proxy:1",
        "isMain": False,
        "authType": "SystemIdentity",
        "environmentVariables": [{"name": "A", "value": "DB"}],
    }
    await pair.azure.arm.put(f"{path}/sitecontainers/proxy", SITES_API, {"properties": sidecar}, doing="Adding")
    before, former = await pair.bodies(path), await pair.former(path)

    outcomes = await pair.there_and_back(former)

    assert [one.kind for one in outcomes] == DONE
    assert await pair.bodies(path) == before
    assert "not-a-real-secret" not in former.model_dump_json()
    assert f"{url} -> https://{pair.target}" in former.in_words


async def test_of_a_compose_file_only_the_images_change(pair: Pair) -> None:
    """It is kept encoded; its comments and its order stay."""
    text = f'services:\n  web: # {pair.target}\n    image: "{pair.source}/shop/web:1"\n  db:\n    image: x/y\n'
    encoded = base64.b64encode(text.encode()).decode()
    path = await pair.site("composed", {"linuxFxVersion": f"COMPOSE|{encoded}"})
    before, former = await pair.bodies(path), await pair.former(path)

    await switching.switch(pair.azure, former, LONG, [])
    there = (await pair.bodies(path))["config"]["properties"]["linuxFxVersion"].partition("|")[2]
    await switching.restore(pair.azure, former, LONG)

    assert base64.b64decode(there).decode() == text.replace(pair.source, pair.target)
    assert await pair.bodies(path) == before


async def test_through_a_slot_production_never_runs_what_is_not_proven(pair: Pair, emulator: Emulator) -> None:
    """The slot is switched first and swapped; both have their own other settings again, there and back."""
    image = {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"}
    app = await pair.site("swapped", image, MODE="production")
    slot = await pair.site("swapped", image, slot="staging", MODE="staging")
    before = [await pair.bodies(path) for path in (app, slot)]
    former = await pair.former(app, slot="staging")
    await pair.azure.arm.list(f"{slot}/instances", SITES_API, doing="Looking")
    emulator.arm_fault("site-fails", site="swapped/slots/staging")

    with pytest.raises(RelocationError, match=r"not healthy within 0 minutes"):
        await switching.switch(pair.azure, former, 0.5, [])
    failed = await pair.bodies(app)
    await switching.restore(pair.azure, former, LONG)
    restored = [await pair.bodies(path) for path in (app, slot)]
    emulator.reset_stats()
    outcomes = await pair.there_and_back(former)

    assert failed == before[0]
    assert restored == before
    assert [one.kind for one in outcomes] == DONE
    assert sum("slotsswap" in write for write in emulator.stats()["writes"]) == 2
    assert [await pair.bodies(path) for path in (app, slot)] == before


async def test_a_slot_with_another_image_is_not_swapped(pair: Pair) -> None:
    """It would bring more to production than another registry."""
    app = await pair.site("differs", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    await pair.site("differs", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:2"}, slot="staging")

    with pytest.raises(RelocationError, match="it runs other images than its slot"):
        await pair.former(app, slot="staging")


@pytest.mark.parametrize("fault", ["site-fails", "site-hangs"])
async def test_a_container_that_does_not_start_is_out_of_time(pair: Pair, emulator: Emulator, fault: str) -> None:
    """Also where the former container goes on serving, which is no proof; the site is restored to the same bytes."""
    path = await pair.site(f"ill-{fault}", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    before, former = await pair.bodies(path), await pair.former(path)
    await pair.azure.arm.list(f"{path}/instances", SITES_API, doing="Looking")
    emulator.arm_fault(fault, site=f"ill-{fault}")

    with pytest.raises(RelocationError, match=r"not healthy within 0 minutes: it is Running, Normal"):
        await switching.switch(pair.azure, former, 0.5, [])
    await switching.restore(pair.azure, former, LONG)

    assert await pair.bodies(path) == before


async def test_an_identity_that_may_not_pull_is_not_healthy(pair: Pair) -> None:
    path = await pair.site("no-role", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    elsewhere = (await pair.former(path)).model_copy(update={"target_server": "nowhere.azurecr.io"})

    with pytest.raises(RelocationError, match="its instances are STOPPED"):
        await switching.switch(pair.azure, elsewhere, 0.5, [])


async def test_a_refused_write_changes_nothing(pair: Pair, emulator: Emulator) -> None:
    path = await pair.site("refused", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    before, former = await pair.bodies(path), await pair.former(path)
    emulator.arm_fault("deny-assignment", method="PATCH", path="/sites/refused/config")

    with pytest.raises(RelocationError, match="deny assignment"):
        await switching.switch(pair.azure, former, LONG, [])
    restored = await switching.restore(pair.azure, former, LONG)

    assert restored.kind == "already_there"
    assert await pair.bodies(path) == before


async def test_an_app_that_was_ill_before_is_left(pair: Pair, emulator: Emulator) -> None:
    path = await pair.site("was-ill", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    former = await pair.former(path)
    emulator.arm_fault("site-fails", site="was-ill")

    with pytest.raises(RelocationError, match="before the switch it is Running"):
        await switching.switch(pair.azure, former, LONG, [])


async def test_what_somebody_has_deployed_since_stays(pair: Pair) -> None:
    path = await pair.site("deployed", {"linuxFxVersion": f"DOCKER|{pair.source}/shop/web:1"})
    former = await pair.former(path)
    newer = {"properties": {"linuxFxVersion": f"DOCKER|{pair.target}/shop/proxy:1"}}
    await pair.azure.arm.patch(f"{path}/config/web", SITES_API, newer, doing="Deploying")

    left = await switching.restore(pair.azure, former, LONG)

    assert left.kind == "skipped"
    assert "runs" in left.reason


@pytest.fixture(name="silent")
def _silent(ca_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The instances do not tell their containers."""
    with running(seed="empty", ca_dir=ca_dir, switches={"site_containers": "hidden"}) as emulator:
        yield from entered(emulator, monkeypatch)


@pytest.fixture(name="silent_pair")
async def _silent_pair(silent: Emulator) -> AsyncIterator[Pair]:
    async with connection() as azure:
        yield await make_pair(azure, silent, RegistryFactory(azure, silent, NUMBERS))


async def test_where_containers_are_not_told_it_has_to_be_healthy_for_a_while(
    silent_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as App Service may take to give up on a new container."""
    monkeypatch.setattr(SiteFamily, "steady_seconds", STEADY)
    path = await silent_pair.site("silent", {"linuxFxVersion": f"DOCKER|{silent_pair.source}/shop/web:1"})
    former = await silent_pair.former(path)

    switched = await switching.switch(silent_pair.azure, former, 3, [])

    assert switched.kind == "created"
    assert STEADY == 230
