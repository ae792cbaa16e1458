import asyncio
import time
from collections.abc import Callable

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.identity.aio import DefaultAzureCredential as AsyncCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient as AsyncClient

from local_azure.launcher import Emulator
from local_azure.state.settings import SUBSCRIPTION_ID
from local_azure.state.throttling import Throttles
from tests.conftest import StartEmulator
from tests.emulator.conftest import SUBSCRIPTION, Send

Use = Callable[[Emulator], Emulator]


def delete_a_group(emulator: Emulator, client: ResourceManagementClient, name: str) -> float:
    client.resource_groups.create_or_update(name, {"location": "westeurope"})
    began = time.monotonic()
    client.resource_groups.begin_delete(name).result()
    return time.monotonic() - began


def test_immediate_operation_is_done_at_the_first_poll(
    emulator: Emulator, resources: ResourceManagementClient, group_name: str
) -> None:
    """Instant operations cost one poll."""
    assert delete_a_group(emulator, resources, group_name) < 1
    polls = {route: count for route, count in emulator.stats()["routes"].items() if "operationResults" in route}
    assert sum(polls.values()) == 1


async def test_timed_operation_is_polled_quickly(
    start_emulator: StartEmulator, use_emulator: Use, group_name: str
) -> None:
    """Each answer says in milliseconds when to look, so that the SDK does not wait its default of 30 seconds."""
    emulator = use_emulator(start_emulator(operations="timed"))
    async with AsyncCredential() as credential, AsyncClient(credential, SUBSCRIPTION_ID) as client:
        await client.resource_groups.create_or_update(group_name, {"location": "westeurope"})
        async with asyncio.timeout(5):
            await (await client.resource_groups.begin_delete(group_name)).result()
        assert emulator.stats()["arm_reads"] >= 1
        assert await client.resource_groups.check_existence(group_name) is False


async def test_held_operation_waits_for_its_release(
    start_emulator: StartEmulator, use_emulator: Use, group_name: str
) -> None:
    """A held operation is under way until a test lets it go."""
    emulator = use_emulator(start_emulator(operations="held"))
    async with AsyncCredential() as credential, AsyncClient(credential, SUBSCRIPTION_ID) as client:
        await client.resource_groups.create_or_update(group_name, {"location": "westeurope"})
        poller = await client.resource_groups.begin_delete(group_name)
        assert await client.resource_groups.check_existence(group_name) is True
        [operation] = emulator.operations()
        assert emulator.release(operation["id"]) == 1
        await poller.result()
        assert await client.resource_groups.check_existence(group_name) is False


def test_realistic_location_is_signed_and_says_when_to_come_again(
    start_emulator: StartEmulator, use_emulator: Use, send_to: Callable[[], Send], group_name: str
) -> None:
    """202, Retry-After 15 and a Location of several kB, as recordings of Azure have them."""
    use_emulator(start_emulator(profile="realistic", operations="held"))
    send = send_to()
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    accepted = send("DELETE", f"{SUBSCRIPTION}/resourceGroups/{group_name}")
    assert (accepted.status_code, accepted.headers["Retry-After"]) == (202, "15")
    assert len(accepted.headers["Location"]) > 3000
    pending = send(
        "GET", accepted.headers["Location"].partition("&")[0].partition("management.azure.com")[2].partition("?")[0]
    )
    assert (pending.status_code, pending.headers["Retry-After"], pending.text()) == (202, "15", "")


def test_throttled_request_is_tried_again_by_the_sdk(
    emulator: Emulator, resources: ResourceManagementClient, group_name: str
) -> None:
    """A 429 that says when to come again is waited for."""
    emulator.arm_fault("throttle-arm", times=2, retry_after=0.01)
    assert resources.resource_groups.check_existence(group_name) is False
    assert emulator.stats()["throttled"] == 2


def test_throttled_request_has_azures_shape(emulator: Emulator, send: Send) -> None:
    """The code, the remaining quota and Retry-After are those of ARM."""
    emulator.arm_fault("throttle-arm", times=1, retry_after=7)
    response = send("GET", f"{SUBSCRIPTION}/resourceGroups", retry_total=0)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    assert response.headers["x-ms-ratelimit-remaining-subscription-reads"] == "0"
    assert int(send("GET", f"{SUBSCRIPTION}/resourceGroups").headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0


def test_writes_run_dry_after_two_hundred() -> None:
    """200 writes at once, then 10 a second; the wait is in Retry-After; nothing is refused where not enforced."""
    throttles, lenient = Throttles(enforced=True), Throttles(enforced=False)
    for _ in range(200):
        headers = throttles.arm("me", "s", "writes", 100.0)
    assert headers["x-ms-ratelimit-remaining-subscription-writes"] == "0"
    with pytest.raises(Exception, match="SubscriptionRequestsThrottled"):
        throttles.arm("me", "s", "writes", 100.0)
    assert throttles.arm("me", "s", "writes", 101.0)["x-ms-ratelimit-remaining-subscription-writes"] == "9"
    assert all(lenient.arm("me", "s", "writes", 100.0) for _ in range(300))


def test_registry_quota_counts_down_the_minute() -> None:
    """The per-minute quota of a registry is full again when the minute is over, and says when that is."""
    throttles = Throttles(enforced=True)
    for _ in range(1000):
        throttles.registry("r", "me", "referrers", 0.0)
    with pytest.raises(Exception, match="TOOMANYREQUESTS") as caught:
        throttles.registry("r", "me", "referrers", 45.0)
    assert caught.value.headers == {"Retry-After": "15"}  # type: ignore[attr-defined]
    throttles.registry("r", "me", "referrers", 60.0)


@pytest.mark.parametrize("after", [False, True])
def test_connection_is_cut(emulator: Emulator, send: Send, group_name: str, after: bool) -> None:
    """The connection ends without an answer, before or after the work is done."""
    path = f"{SUBSCRIPTION}/resourceGroups/{group_name}"
    emulator.arm_fault("cut-connection", path=group_name, after=after)
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        send("PUT", path, body={"location": "westeurope"}, retry_total=0)
    assert send("HEAD", path).status_code == (204 if after else 404)


def test_unknown_operation_is_a_404(send: Send) -> None:
    """Asking about an operation that never was is an error, not success."""
    path = f"{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry/locations/WESTEUROPE/operationResults/none"
    assert send("GET", path).status_code == 404


def test_writes_are_counted(emulator: Emulator, resources: ResourceManagementClient, group_name: str) -> None:
    """Each method that changes something is a write; reads and lists are not."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    resources.resource_groups.get(group_name)
    stats = emulator.stats()
    assert (stats["arm_writes"], stats["arm_reads"]) == (1, 1)
    assert stats["writes"] == [f"PUT {SUBSCRIPTION}/resourcegroups/{group_name} 201"]
