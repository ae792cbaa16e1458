"""Clients of an embedded Azure."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.conftest import CA_DIR
from tests.emulator.replay.stage import Stage, stage

SUBSCRIPTION = f"/subscriptions/{settings.SUBSCRIPTION_ID}"
GROUP = "contoso-west"  # of the demo seed
DEMO = "contosoregistry"
REGISTRIES = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.ContainerRegistry/registries"
STABLE, PREVIEW, OLD = "2025-11-01", "2026-03-01-preview", "2019-05-01"
_numbers = itertools.count(1)

Send = Callable[..., HttpResponse]
MakeRegistry = Callable[..., str]


@pytest.fixture
async def asked() -> AsyncIterator[Stage]:
    """A furnished Azure that is slow."""
    async with stage(CA_DIR) as made:
        yield made


@pytest.fixture
def group_name() -> str:
    """A resource group that no other test has."""
    return f"group-{next(_numbers)}"


@pytest.fixture
def resources(emulator: Emulator) -> Iterator[ResourceManagementClient]:
    """The SDK's client, as Owner."""
    with (
        DefaultAzureCredential() as credential,
        ResourceManagementClient(credential, settings.SUBSCRIPTION_ID) as client,
    ):
        yield client


@pytest.fixture
def as_reader(emulator: Emulator) -> Iterator[ResourceManagementClient]:
    """The SDK's client, as somebody who may only read."""
    secret = ClientSecretCredential(settings.TENANT_ID, settings.READER_CLIENT_ID, settings.READER_SECRET)
    with secret as credential, ResourceManagementClient(credential, settings.SUBSCRIPTION_ID) as client:
        yield client


@pytest.fixture
def send(resources: ResourceManagementClient) -> Send:
    """One raw request to ARM with the SDK's pipeline, as Owner: `send("GET", path, api_version, body)`."""
    return sender(resources)


def sender(client: ResourceManagementClient) -> Send:
    """Raw requests through a client of the SDK."""

    def send(
        method: str, path: str, api_version: str = "2022-04-01", body: object = None, **options: Any
    ) -> HttpResponse:
        separator = "&" if "?" in path else "?"
        request = HttpRequest(method, f"{path}{separator}api-version={api_version}", json=body)
        return client.send_request(request, **options)

    return send


@pytest.fixture
def send_to() -> Iterator[Callable[[], Send]]:
    """Makes a `send` for the emulator that is in use by then."""
    with ExitStack() as stack:

        def make() -> Send:
            credential = stack.enter_context(DefaultAzureCredential())
            return sender(stack.enter_context(ResourceManagementClient(credential, settings.SUBSCRIPTION_ID)))

        yield make


@pytest.fixture
def demo(start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator]) -> Emulator:
    """An instant Azure with the demo seed."""
    return use_emulator(start_emulator(seed="demo"))


@pytest.fixture
def acr(demo: Emulator) -> Iterator[ContainerRegistryManagementClient]:
    """The SDK's client, as Owner."""
    with (
        DefaultAzureCredential() as credential,
        ContainerRegistryManagementClient(credential, settings.SUBSCRIPTION_ID) as client,
    ):
        yield client


@pytest.fixture
def arm(demo: Emulator) -> Iterator[Send]:
    """Raw requests to ARM, as Owner."""
    with (
        DefaultAzureCredential() as credential,
        ResourceManagementClient(credential, settings.SUBSCRIPTION_ID) as client,
    ):
        yield sender(client)


@pytest.fixture
def make_registry(acr: ContainerRegistryManagementClient) -> MakeRegistry:
    """A new registry with these properties; its name."""

    def make(sku: str = "Premium", location: str = "northeurope", **properties: Any) -> str:
        name = f"registry{next(_numbers)}"
        body = {"location": location, "sku": {"name": sku}, "properties": properties}
        acr.registries.begin_create(GROUP, name, body).result()
        return name

    return make
