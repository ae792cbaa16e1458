"""Flux configurations of clusters: whether the cluster complies with what they name, but nothing is applied.

Source: Flux Configurations - Get and Update (2025-04-01): the update is a merge patch.
"""

from typing import TYPE_CHECKING, Final

from local_azure.arm.resource_types import Body, ResourceType
from local_azure.services.composing import compose
from local_azure.services.container_apps import merge_patch
from local_azure.services.pulling import is_registry_of_azure
from local_azure.state.directory import Principal
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World


def prepare_configuration(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return the configuration, which complies if the registry that it fetches from has the artifact."""
    del principal
    made = compose(resource_id, body, existing)
    fails = world.faults.take("flux-fails", configuration=made.name) or not _is_there(world, made)
    made.properties["complianceState"] = "Non-Compliant" if fails else "Compliant"
    return made


def _is_there(world: "World", configuration: Resource) -> bool:
    url = str((configuration.properties.get("ociRepository") or {}).get("url") or "")
    host, _, path = url.removeprefix("oci://").partition("/")
    if not is_registry_of_azure(host):
        return True
    registry = world.registry_at(host)
    return registry is not None and path in world.content[registry.name].repositories


def patch_configuration(world: "World", principal: Principal, existing: Resource, body: Body) -> Resource:
    """Return the configuration after a merge patch."""
    given = {key: value for key, value in body.items() if key not in ("id", "name", "type")}
    return prepare_configuration(world, principal, existing.id, merge_patch(existing.body, given), existing)


TYPES: Final = (
    ResourceType(
        "Microsoft.KubernetesConfiguration/fluxConfigurations",
        prepare=prepare_configuration,
        patch=patch_configuration,
        create_seconds=20,
        update_seconds=10,
    ),
)
