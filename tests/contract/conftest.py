"""The real SDK over HTTPS against the embedded Azure: one emulator for all tests, registries of its own for each."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from acr_relocate.azure.client import arm, retries
from acr_relocate.azure.client.session import AzureConnection, connection
from local_azure.launcher import Emulator, running
from tests.contract.moving import Mover
from tests.contract.registry_factory import RegistryFactory

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate authority for all emulators of these tests."""
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="session", name="shared_emulator")
def _shared_emulator(ca_dir: Path) -> Iterator[Emulator]:
    with running(ca_dir=ca_dir) as emulator:
        yield emulator


@pytest.fixture(scope="session", name="other_emulator")
def _other_emulator(ca_dir: Path) -> Iterator[Emulator]:
    """The switches the other way round: conflicts at the POST, small images done at once."""
    with running(ca_dir=ca_dir, switches={"no_force_conflict": "sync", "import_accept": "200"}) as emulator:
        yield emulator


@pytest.fixture(name="emulator")
def _emulator(shared_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The emulator, with this process in its environment and no fault armed."""
    yield from entered(shared_emulator, monkeypatch)


@pytest.fixture(name="demo")
def _demo(
    start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator], tmp_path: Path
) -> Iterator[Emulator]:
    """The lifelike Azure, which other tests share: it is as before afterwards."""
    demo = use_emulator(start_emulator(seed="demo"))
    demo.save(tmp_path / "before.json")
    yield demo
    demo.load(tmp_path / "before.json")


@pytest.fixture(params=["operation-202", "sync-200"], name="either_emulator")
def _either_emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Run with both settings of the unverified behaviour of importImage."""
    name = "shared_emulator" if request.param == "operation-202" else "other_emulator"
    yield from entered(request.getfixturevalue(name), monkeypatch)


def entered(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    emulator.clear_faults()
    yield emulator
    emulator.clear_faults()
    emulator.release()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that Azure does not dictate are as short as an emulator deserves."""
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.005)
    monkeypatch.setattr(arm, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(arm, "NOT_YET_WAITS", (0.01,) * 6)


@pytest.fixture(name="azure")
async def _azure(emulator: Emulator) -> AsyncIterator[AzureConnection]:
    async with connection() as azure:
        yield azure


@pytest.fixture(name="factory")
async def _factory(azure: AzureConnection, emulator: Emulator) -> RegistryFactory:
    """Makes registries and pushes to them."""
    return RegistryFactory(azure, emulator, NUMBERS)


@pytest.fixture(name="either_factory")
async def _either_factory(either_emulator: Emulator) -> AsyncIterator[RegistryFactory]:
    async with connection() as azure:
        yield RegistryFactory(azure, either_emulator, NUMBERS)


@pytest.fixture(scope="session", name="held_emulator")
def _held_emulator(ca_dir: Path) -> Iterator[Emulator]:
    """Operations wait until they are released."""
    with running(seed="empty", ca_dir=ca_dir, operations="held") as emulator:
        yield emulator


@pytest.fixture(name="held_factory")
async def _held_factory(held_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RegistryFactory]:
    for name, value in held_emulator.env.items():
        monkeypatch.setenv(name, value)
    async with connection() as azure:
        yield RegistryFactory(azure, held_emulator, NUMBERS)


@pytest.fixture(name="mover")
async def _mover(azure: AzureConnection) -> Mover:
    """Makes registries with surroundings, and moves them."""
    return Mover(azure, NUMBERS)
