"""Long-running operations are followed as Azure's recordings show them, and no oftener than Azure asks."""

from typing import Any

import pytest

from acr_relocate.azure.client import long_running, retries
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core import errors


@pytest.mark.parametrize(
    ("status", "body", "is_last"),
    [
        (202, None, False),
        (200, {"status": "Creating"}, False),
        (201, {"id": "x", "name": "y", "status": "InProgress"}, False),
        (200, {"status": "Succeeded"}, True),
        (200, {}, True),
        (204, None, True),
    ],
)
def test_the_body_tells_the_end_and_not_the_header(status: int, body: dict[str, Any] | None, is_last: bool) -> None:
    """A terminal answer mostly still names the operation's URL; 201 with a pending status is not the end."""
    headers = {"location": "https://management.azure.com/1", "azure-asyncoperation": "https://management.azure.com/1"}

    assert long_running.ArmResponse(status, headers, body or {}).is_last is is_last


@pytest.mark.parametrize("name", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_azures_wait_is_understood_in_any_case(name: str) -> None:
    """A header that is overlooked means polling Azure to death."""
    answer = long_running.ArmResponse(202, {name.lower(): "10"})

    assert retries.retry_after(answer.headers) == 10


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after-ms": "50"}, 0.05),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_every_form_of_wait_is_understood(headers: dict[str, str], expected: float | None) -> None:
    """Milliseconds, seconds, a date in the past, nothing."""
    assert retries.retry_after(headers) == expected


async def test_an_operation_is_not_followed_to_another_host(azure: AzureConnection) -> None:
    """Our token is for Azure Resource Manager: an answer that leads elsewhere is an error."""
    started = long_running.ArmResponse(202, {"location": "https://evil.example/operation"})

    with pytest.raises(errors.RelocationError, match=r"evil\.example, which is not Azure Resource Manager"):
        await azure.arm.finished(started, doing="Waiting", resource="x")


async def test_a_listing_is_not_followed_to_another_host(
    azure: AzureConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a next page that lies elsewhere get our token."""

    async def page(*_: object, **__: object) -> long_running.ArmResponse:
        return long_running.ArmResponse(200, {}, {"value": [], "nextLink": "https://evil.example/page"})

    monkeypatch.setattr(azure.arm, "call", page)
    with pytest.raises(errors.RelocationError, match=r"evil\.example"):
        await azure.arm.list("/subscriptions", "2022-12-01", doing="Listing")
