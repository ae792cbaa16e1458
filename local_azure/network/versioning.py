"""Common parts of all resources of Microsoft.Network: versions, GUIDs, and the form of their operations."""

import uuid
from typing import TYPE_CHECKING, Any, Final

from local_azure.arm.operation_forms import NETWORK
from local_azure.arm.resource_types import Body
from local_azure.state.errors import AzureError, JsonObject
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

WIRE: Final[dict[str, Any]] = {
    "forms": NETWORK,
    "creating": "Updating",
    "headers": {"x-ms-arm-service-request-id": "{request}"},
    "tells_etag": ("GET",),
}


class NetworkError(AzureError):
    """An error of Microsoft.Network: its list of details is there even if it is empty, and a status is not."""

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire."""
        return {"error": self.error | {"details": self.details}}


def refusal(code: str, message: str) -> NetworkError:
    """Return the 400 of Microsoft.Network."""
    return NetworkError(400, code, message)


def etag(resource: Resource) -> str:
    """Return the version as records and zones have it: a GUID that changes with every write."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{resource.id.lower()}@{resource.changed or resource.created}"))


def weak_etag(resource: Resource) -> str:
    """Return the version as Microsoft.Network has it: `W/"guid"`."""
    return f'W/"{etag(resource)}"'


def guid_of(resource: Resource) -> str:
    """Return the resource's own GUID, the same for all its versions."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, resource.id.lower()))


def show_versioned(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a resource of Microsoft.Network with its version and its GUID."""
    del api_version, world
    properties = resource.properties | {"resourceGuid": guid_of(resource)}
    return resource.view() | {"etag": weak_etag(resource), "properties": properties}


def show_address(endpoint: Resource, given: Body) -> Body:
    """Return a static address of a private endpoint as a part of it, with its own id and version."""
    own = {"id": f"{endpoint.id}/ipConfigurations/{given['name']}", "type": f"{endpoint.type}/ipConfigurations"}
    properties = {"provisioningState": "Succeeded"} | given["properties"]
    return given | own | {"etag": weak_etag(endpoint), "properties": properties}
