"""A 404 of what was just made is a front end that lags; any other 404 is believed."""

import pytest

from acr_relocate.azure.client.made import Made
from acr_relocate.core.errors import AccessDenied, NotFound, RelocationError

GROUP = "/subscriptions/s/resourceGroups/north"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/shop"
GONE = NotFound("The Resource 'Microsoft.ContainerRegistry/registries/shop' was not found", code="ResourceNotFound")
NO_GROUP = NotFound("Resource group 'north' could not be found.", code="ResourceGroupNotFound")
NO_PARENT = NotFound("Parent resource not found", code="ParentResourceNotFound")
NO_SOURCE = NotFound("The Resource 'Microsoft.ContainerRegistry/registries/shopold' was not found", code="NotFound")


@pytest.mark.parametrize(
    ("method", "path", "error", "expected"),
    [
        ("GET", REGISTRY, GONE, True),
        ("GET", REGISTRY.upper(), GONE, True),
        ("PATCH", REGISTRY, GONE, True),
        ("POST", f"{REGISTRY}/importImage", GONE, True),
        ("POST", f"{REGISTRY}/importImage", NO_SOURCE, False),
        ("PUT", f"{REGISTRY}/webhooks/hooks", NO_PARENT, True),
        ("GET", f"{REGISTRY}/webhooks/hooks", GONE, False),
        ("DELETE", REGISTRY, GONE, False),
        ("GET", f"{GROUP}/providers/Microsoft.Resources/deployments/d", NO_GROUP, True),
        ("GET", REGISTRY, AccessDenied("no", code="AuthorizationFailed"), False),
        ("GET", f"{REGISTRY}old", NO_SOURCE, False),
    ],
)
def test_what_was_made_is_there(method: str, path: str, error: RelocationError, expected: bool) -> None:
    """By the resource itself, by an action of it, by its parent or its group."""
    made = Made()
    made.note(REGISTRY)

    assert made.hides(method, path, error) is expected


def test_what_was_deleted_is_gone() -> None:
    """With all that was in it."""
    made = Made()
    made.note(REGISTRY)
    made.forget(GROUP)

    assert not made.hides("GET", REGISTRY, GONE)


def test_a_group_that_was_seen_is_there_for_what_is_in_it() -> None:
    """Its own absence is believed: somebody may have deleted it."""
    made = Made()
    made.note_seen(GROUP)

    assert made.hides("POST", f"{GROUP}/providers/Microsoft.Resources/deployments/d/validate", NO_GROUP)
    assert not made.hides("GET", GROUP, NO_GROUP)


def test_nothing_is_hidden_that_nobody_made() -> None:
    """An absence is an absence."""
    assert not Made().hides("GET", REGISTRY, GONE)
