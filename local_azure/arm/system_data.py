"""The authors of a resource and of its last change: `systemData`."""

from local_azure.state.settings import OWNER_CLIENT_ID
from local_azure.state.store import Resource
from local_azure.state.world import World


def system_data(world: World, resource: Resource, *, offset: bool = True) -> dict[str, str]:
    """Return all six fields; times end in `+00:00` for Microsoft.ContainerRegistry, elsewhere in `Z`.

    Recordings say `User`, as people made them; who asks here is an application.
    """
    write = world.clock.offset if offset else world.clock.iso
    author = resource.author or OWNER_CLIENT_ID
    return {
        "createdBy": author,
        "createdByType": _kind(world, author),
        "createdAt": write(resource.created),
        "lastModifiedBy": resource.editor or author,
        "lastModifiedByType": _kind(world, resource.editor or author),
        "lastModifiedAt": write(resource.changed or resource.created),
    }


def _kind(world: World, client_id: str) -> str:
    principal = world.directory.find(client_id)
    return principal.kind if principal else "Application"
