"""The flows as users run them: a real Prefect server, and the real SDK over HTTPS against the embedded Azure."""

import gc
import itertools
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.server.local_server import TUNING

# Before Prefect is imported: it reads them once.
os.environ.update(TUNING)
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
os.environ["ACR_RELOCATE_TASK_RUNS_PER_SECOND"] = "200"

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness

import tasks.cut_over
import tasks.dependencies
import tasks.deployment
import tasks.evidence
import tasks.images
import tasks.inventory
import tasks.network
from acr_relocate.azure.changes.registry_lease import RegistryLease
from acr_relocate.azure.client import arm, retries
from acr_relocate.azure.content import late_listing
from acr_relocate.azure.resources import registries
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from local_azure.launcher import Emulator, running
from local_azure.state import settings

RegistryLease.settle_seconds = 0.0  # reads of the embedded Azure do not lag

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
SOURCE = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosovault"
NUMBERS = itertools.count(1)
FEW = ("platform/*", "base/nginx", "legacy/*")
"""Indexes, referrers, untagged manifests and locks."""
LEAST = ("legacy/*",)
"""A few images with locks: enough where the point is not the content."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect opens a client for each flow run that it never closes (results.py, default result storage)."""
    for item in items:
        if "tests/service/" in item.nodeid:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Collect here the objects that Prefect left open, not in a later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _prefect_server() -> Iterator[None]:
    # Without the heartbeat's thread a flow ends at once.
    with (
        prefect_test_harness(server_startup_timeout=300),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


@pytest.fixture(scope="session", name="shared_emulator")
def _shared_emulator() -> Iterator[Emulator]:
    with running("demo") as emulator:
        yield emulator


@pytest.fixture(name="emulator")
def _emulator(shared_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The embedded Azure with the lifelike registry, this process in its environment, no fault armed, counters at 0."""
    for name, value in shared_emulator.env.items():
        monkeypatch.setenv(name, value)
    shared_emulator.clear_faults()
    shared_emulator.reset_stats()
    yield shared_emulator
    shared_emulator.clear_faults()
    shared_emulator.release()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that Azure does not dictate are as short as an emulator deserves."""
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.005)
    monkeypatch.setattr(arm, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(arm, "NOT_YET_WAITS", (0.01,) * 6)
    monkeypatch.setattr(late_listing, "WAITS", (0.01,) * 5)
    monkeypatch.setattr(registries, "THROTTLED_IMPORT_PAUSE", 0.05)
    modules = (
        tasks.cut_over, tasks.deployment, tasks.dependencies, tasks.evidence, tasks.images, tasks.inventory,
        tasks.network,
    )  # fmt: skip
    for module in modules:
        for task in vars(module).values():
            if hasattr(task, "retry_delay_seconds"):
                monkeypatch.setattr(task, "retry_delay_seconds", [0.05])


def roots(repositories: dict[str, Any]) -> int:
    """How many imports are the least: every manifest that is not inside an index, and those inside that have tags."""
    count = 0
    for repository in repositories.values():
        manifests = repository["manifests"]
        inside = {child for manifest in manifests.values() for child in manifest.get("children", ())}
        count += sum(digest not in inside or bool(manifest["tags"]) for digest, manifest in manifests.items())
    return count


@dataclass
class Move:
    """A relocation of the lifelike registry to a target of its own."""

    emulator: Emulator
    request: RelocationRequest

    def source(self) -> dict[str, Any]:
        """Return the selected content of the source, from the emulator's own books."""
        held = self._repositories(self.request.source.name)
        return {name: repository for name, repository in held.items() if self._is_selected(name)}

    def contents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the selected content of the source, and all of the target."""
        return self.source(), self._repositories(self.request.target.name)

    def _repositories(self, registry: str) -> dict[str, Any]:
        repositories = self.emulator.content(registry)["repositories"]
        for repository in repositories.values():
            for manifest in repository["manifests"].values():
                manifest["tags"].sort()
        return dict(repositories)

    def _is_selected(self, repository: str) -> bool:
        patterns = self.request.selection.repositories
        return any(repository == pattern or repository.startswith(pattern.rstrip("*")) for pattern in patterns)


def make_move(emulator: Emulator, repositories: tuple[str, ...], **options: Any) -> Move:
    number = next(NUMBERS)
    request = {
        "source": {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": "contosoregistry"},
        "target": {"resource_group": f"moved-{number}", "name": f"moved{number:04}", "location": "northeurope"},
        "selection": {"repositories": list(repositories)},
        **options,
    }
    return Move(emulator, parse_request(request))


@pytest.fixture(name="move")
def _move(emulator: Emulator) -> Move:
    """A few repositories to move."""
    return make_move(emulator, FEW)


def keep_passwords_in_vault(move: Move) -> None:
    """Let a token of the source have a password, and the request name a vault for the one of the target's token."""
    policy = {"objectId": settings.OWNER_OBJECT_ID, "permissions": {"secrets": ["set", "list"]}}
    uri = {"vaultUri": "https://contosovault.vault.azure.net/", "accessPolicies": [policy]}
    move.emulator.plant(VAULT, location="westeurope", properties=uri)
    password = {"credentials": {"passwords": [{"name": "password1"}]}}
    move.emulator.plant(f"{SOURCE}/tokens/edge-site-1", properties=password)
    move.request = move.request.model_copy(update={"token_vault": "contosovault"})


@pytest.fixture(name="small_move")
def _small_move(emulator: Emulator) -> Move:
    """One repository to move, with locks in it."""
    return make_move(emulator, LEAST)


@pytest.fixture(name="whole_move")
def _whole_move(emulator: Emulator) -> Move:
    """The whole registry to move."""
    return make_move(emulator, ("*",))


@pytest.fixture(name="sync")
def _sync(move: Move) -> Move:
    """The target of the move is there, and empty."""
    target = move.request.target
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{target.resource_group}"
    move.emulator.plant(group, location="northeurope", properties={"provisioningState": "Succeeded"})
    move.emulator.plant(
        f"{group}/providers/Microsoft.ContainerRegistry/registries/{target.name}",
        name=target.name,
        type="Microsoft.ContainerRegistry/registries",
        location="northeurope",
        sku={"name": "Premium", "tier": "Premium"},
        properties={"loginServer": f"{target.name}.azurecr.io", "provisioningState": "Succeeded"},
    )
    return move


@pytest.fixture(name="request_file")
def _request_file(move: Move, tmp_path: Path) -> str:
    path = tmp_path / "request.yaml"
    path.write_text(yaml.safe_dump(move.request.model_dump(mode="json")))
    return str(path)


def under_way(move: Move) -> int:
    return sum(one["path"].endswith("importImage") for one in move.emulator.operations())


def content(move: Move) -> list[dict[str, object]]:
    """Tags and digests of the source's repositories and of the target's; locks are replayed by the whole relocation."""
    return [
        {name: (held["tags"], sorted(held["manifests"])) for name, held in repositories.items()}
        for repositories in move.contents()
    ]
