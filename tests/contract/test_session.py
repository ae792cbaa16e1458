"""One connection per event loop, closed by its last user; wrong credentials are one clear error."""

import asyncio

import pytest

from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.azure.discovery.cluster_images import images_running
from acr_relocate.core import errors
from acr_relocate.core.evidence.unknown import Unknown
from local_azure.launcher import Emulator


async def test_everybody_in_a_loop_shares_the_connection(emulator: Emulator) -> None:
    """A task inside a flow uses the flow's sockets and tokens."""
    async with connection() as outer:
        async with connection() as inner:
            assert inner is outer
        assert await outer.embedded()

    async with connection() as later:
        assert later is not outer


def test_another_loop_has_its_own_connection(emulator: Emulator) -> None:
    """Sockets belong to a loop: a second one has its own, and neither warns of open ones."""

    async def ask() -> bool:
        async with connection() as azure:
            return await azure.embedded()

    assert asyncio.run(ask())
    assert asyncio.run(ask())


async def test_one_sign_in_serves_many_calls(emulator: Emulator) -> None:
    """However many ask at once, Entra ID is asked for one token."""
    emulator.reset_stats()

    async with connection() as azure:
        await asyncio.gather(*(azure.embedded() for _ in range(20)))

    assert emulator.stats()["planes"]["entra"] == 1


async def test_a_wrong_secret_is_authentication_failed(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has Entra ID's reason and the remedy, and not the secret."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong-and-secret")

    async with connection() as azure:
        with pytest.raises(errors.AuthenticationFailed, match="az login") as caught:
            await azure.embedded()

    assert "AADSTS" in str(caught.value)
    assert "wrong-and-secret" not in str(caught.value)


async def test_a_reader_may_not_write(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """AccessDenied names the right that is missing."""
    monkeypatch.setenv("AZURE_CLIENT_ID", "55555555-5555-5555-5555-555555555555")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "local-azure-reader")
    group = "/subscriptions/22222222-2222-2222-2222-222222222222/resourcegroups/forbidden"

    async with connection() as azure:
        with pytest.raises(errors.AccessDenied, match="resourceGroups/write"):
            await azure.arm.put(group, "2024-11-01", {"location": "westeurope"}, doing="Creating a group")


async def test_an_id_that_is_an_address_gets_no_token(azure: AzureConnection) -> None:
    """Some ids are free texts that others set, such as the workspace of a cluster's logs."""
    config = {"logAnalyticsWorkspaceResourceID": "https://evil.example/workspaces/x"}
    cluster = {"id": "/c", "properties": {"addonProfiles": {"omsagent": {"enabled": True, "config": config}}}}

    [unread] = (await images_running(azure, "contosoregistry.azurecr.io", [cluster])).values()

    assert isinstance(unread, Unknown)
    assert "leads to evil.example, which is not Azure Resource Manager" in unread.reason
