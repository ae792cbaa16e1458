"""How services make a resource of a body, and give it an identity."""

from typing import TYPE_CHECKING

from local_azure.arm.resource_types import Body
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World


def compose(resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Return the resource of a body; its computed properties survive."""
    kept = {key: value for key, value in body.items() if key not in ("id", "name", "type", "etag", "systemData")}
    resource = Resource(resource_id, kept, dict(existing.hidden) if existing else {})
    resource.body["properties"] = dict(body.get("properties") or {}) | {"provisioningState": "Succeeded"}
    return resource


def compose_plain(resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Return the same of a service that has no provisioning states (alerts, action groups)."""
    resource = compose(resource_id, body, existing)
    del resource.properties["provisioningState"]
    return resource


def identify_principal(world: "World", resource: Resource) -> None:
    """Give a system-assigned identity a principal."""
    identity = resource.body.get("identity") or {}
    if "systemassigned" in str(identity.get("type", "")).lower():
        found = resource.hidden.get("principalId") or world.directory.add_identity(resource.name).object_id
        resource.hidden["principalId"] = found
        resource.body["identity"] = identity | {"principalId": found, "tenantId": TENANT_ID}
