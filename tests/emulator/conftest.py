"""Clients of an embedded Azure."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure import settings
from local_azure.launcher import Emulator

SUBSCRIPTION = f"/subscriptions/{settings.SUBSCRIPTION_ID}"
_numbers = itertools.count(1)

Send = Callable[..., HttpResponse]


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
