"""The demo registry moves under its own name: everything that pulled from it pulls again, and none of it was changed.

Each identity of the demo's directory signs in by itself and pulls over the wire, from the internet and from the virtual
network of the former private endpoint; the cluster's nodes pull by a command that runs in it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import CancelledRun

import tasks.kept_name
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection, CloudSettings
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import parse_request
from flows.keep_name import keep_name
from local_azure.launcher import Emulator
from tasks.runs.approval import answered_at_terminal
from tasks.runs.events import Event, PhaseStarted, observing
from tests.contract.registry_factory import Pusher
from tests.hostile.kept_name import REQUEST
from tests.hostile.names import NETWORKS, SOURCE
from tests.service.deleting import yes
from tests.service.test_switching import apps, in_cluster
from tests.support.role_holders import become

SERVER = f"{SOURCE}.azurecr.io"
FORMER_NETWORK = next(iter(NETWORKS)).rpartition("/subnets/")[0]
REGISTRIES = "Microsoft.ContainerRegistry/registries"
SECRET = "known-to-this-test"
CONSUMERS = {
    "contoso-aks-agentpool", "contoso-storefront", "contoso-nightly-report", "contoso-portal", "staging",
    "contoso-invoices", "contoso-build",
}  # fmt: skip
"""Identities with a role at the demo registry."""
IMAGES = {
    "contoso/shop/frontend": "1.4", "contoso/data/reporting": "1.1", "contoso/identity/login": "1.2",
    "contoso/data/ingest": "1.2",
}  # fmt: skip
"""The images that the apps of the demo run."""
Pulled = dict[str, dict[str, str]]


@pytest.fixture(name="world")
def _world(own_demo: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The demo, whose managed identities have a secret, so that this process can sign in as each of them."""
    # A wait of our own between two tries; the embedded Azure holds a name for no longer than the test asks.
    monkeypatch.setattr(tasks.kept_name.wait_for_name, "retry_delay_seconds", [0.05])
    file = tmp_path / "world.json"
    own_demo.save(file)
    saved = json.loads(file.read_text())
    for principal in saved["directory"]:
        principal["secret"] = principal["secret"] or SECRET
    file.write_text(json.dumps(saved))
    own_demo.load(file)
    return own_demo


@asynccontextmanager
async def signed_in(client_id: str, environment: dict[str, str]) -> AsyncIterator[DataPlane]:
    """The registry's content as this identity reaches it with this environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        become({"AZURE_CLIENT_ID": client_id, "AZURE_CLIENT_SECRET": SECRET}, patch)
        azure = AzureConnection(CloudSettings.from_environment())
        try:
            yield azure.data_plane(SERVER)
        finally:
            await azure.close()


def identities(emulator: Emulator, file: Path) -> dict[str, str]:
    """The client id of each identity in the directory, by its name; without the registry's own, which is another."""
    emulator.save(file)
    saved = json.loads(file.read_text())
    return {
        one["name"]: one["client_id"] for one in saved["directory"] if one["secret"] == SECRET and one["name"] != SOURCE
    }


async def pulled(emulator: Emulator, file: Path) -> Pulled:
    """The digest of a layer that each identity gets of each image, by identity and network; or why it gets none."""
    found: Pulled = {}
    for name, client_id in identities(emulator, file).items():
        for network, environment in {"internet": emulator.env, "vnet": emulator.env_in(FORMER_NETWORK)}.items():
            async with signed_in(client_id, environment) as plane:
                found[f"{name}, {network}"] = {one: await pull(plane, one, tag) for one, tag in IMAGES.items()}
    return found


async def pull(plane: DataPlane, repository: str, tag: str) -> str:
    """Pull the first layer of the image, of an index that of its first platform."""
    try:
        manifest: dict[str, Any] = await plane.manifest(repository, tag) or {}
        for part in manifest.get("manifests", ())[:1]:
            manifest = await plane.manifest(repository, part["digest"]) or {}
        layer = manifest["layers"][0]
        body = await plane.blob_part(repository, layer["digest"], 0, layer["size"] - 1)
    except RelocationError as error:
        return type(error).__name__
    return str(layer["digest"]) if len(body) == layer["size"] else "cut short"


async def pulled_by_nodes(emulator: Emulator) -> str:
    """The errors of a pod that starts in the cluster with an image of the registry: none if its node could pull."""
    return await in_cluster(emulator, f"kubectl run pulls --image={SERVER}/contoso/shop/frontend:1.4")


async def approve(question: ApprovalSubject) -> Report:
    """Run the move with the answer."""
    with answered_at_terminal([yes(question)]):
        report = await keep_name(parse_request(REQUEST))
    assert isinstance(report, Report)
    return report


async def test_every_consumer_pulls_again_from_the_same_host_without_a_change(world: Emulator, tmp_path: Path) -> None:
    """The same layers, by the same identities, along the same ways; apps and clusters are as they were.

    While the name is away a pull fails, so it is this registry that answers in the end. Who had no right has none.
    """
    file = tmp_path / "directory.json"
    before, dependents = await pulled(world, file), await apps(world)
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await keep_name(parse_request(REQUEST))
    [question] = [event.subject for event in events if isinstance(event, ApprovalNeeded)]
    held: dict[str, bool] = {}

    def look(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            held[event.name] = any(one["name"] == SOURCE for one in world.resources(REGISTRIES))

    with observing(look):
        report = await approve(question)
    world.reset_stats()
    after = await pulled(world, file)
    private = world.stats()["private"]

    assert report.verdict == "relocated"
    assert held["name"] is False
    assert {
        name.partition(",")[0] for name, got in before.items() if set(got.values()) != {"AccessDenied"}
    } == CONSUMERS
    assert after == before
    assert await pulled_by_nodes(world) == ""
    assert await apps(world) == dependents
    assert any(one.startswith(f"{SERVER} 10.") for one in private)
    [back] = [one for one in world.resources(REGISTRIES) if one["name"] == SOURCE]
    assert (back["location"], back["properties"]["loginServer"]) == ("northeurope", SERVER)
    async with signed_in(identities(world, file)["contoso-build"], world.env) as plane:
        pushed = await Pusher(plane).image("contoso/built", "new", text="pushed after the move")
    assert world.content(SOURCE)["repositories"]["contoso/built"]["tags"] == {"new": pushed}
