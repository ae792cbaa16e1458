"""Revisions of container apps: each change of the template makes one, which is ready or fails.

Source: Container Apps - Get and Container Apps Revisions - Get Revision (2024-03-01); container-apps/revisions.md.
The names of revisions without a suffix are numbers here and random letters in older versions of Azure.
"""

from typing import TYPE_CHECKING, Any, Final

from local_azure.arm.resource_types import ResourceType
from local_azure.state.errors import AzureError, bad_request, conflict
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

APP: Final = "Microsoft.App/containerApps"
REVISIONS: Final = ResourceType(f"{APP}/revisions")
READY: Final = {"provisioningState": "Provisioned", "runningState": "Running", "healthState": "Healthy", "replicas": 1}
STARTING: Final = {
    "provisioningState": "Provisioning", "runningState": "Processing", "healthState": "None", "replicas": 0,
}  # fmt: skip
FAILED: Final = {"provisioningState": "Failed", "runningState": "Failed", "healthState": "Unhealthy", "replicas": 0}
COMPUTED: Final = ("latestRevisionName", "latestReadyRevisionName")
NAMES_THE_REVISION: Final = "revising"


def begin_revision(world: "World", app: Resource, existing: Resource | None) -> None:
    """Name the revision that the change makes, if the template has changed, and keep what Azure computes itself.

    Two revisions cannot have the same suffix (microsoft/azure-container-apps#1278).
    """
    before = existing.properties if existing else {}
    for name in COMPUTED:
        app.properties.pop(name, None)
        if name in before:
            app.properties[name] = before[name]
    app.hidden.pop(NAMES_THE_REVISION, None)
    template: dict[str, Any] = app.properties.get("template") or {}
    if existing is not None and template == before.get("template"):
        return
    number = int(app.hidden.get("revisions", 0)) + 1
    revision = f"{app.name}--{template.get('revisionSuffix') or f'{number:07}'}"
    if world.resources.get(f"{app.id}/revisions/{revision}") is not None:
        raise bad_request(
            "InvalidParameterValueInContainerTemplate",
            "The following field(s) are either invalid or missing. Field 'template.revisionsuffix' is invalid with "
            f'details: \'Invalid value: "{template["revisionSuffix"]}": revision with suffix '
            f"{template['revisionSuffix']} already exists.';.",
        )
    app.hidden |= {"revisions": number, NAMES_THE_REVISION: revision}


def accept_revision(world: "World", app: Resource) -> None:
    """Add the revision, which is still starting."""
    if revision := app.hidden.get(NAMES_THE_REVISION):
        app.properties["latestRevisionName"] = revision
        told = {"active": True, "template": app.properties.get("template") or {}, **STARTING}
        world.add(f"{app.id}/revisions/{revision}", {"properties": told})


async def finish_revision(world: "World", app: Resource) -> None:
    """Make the revision ready; in single-revision mode the others are deactivated then."""
    revision = app.hidden.pop(NAMES_THE_REVISION, None)
    found = world.resources.get(f"{app.id}/revisions/{revision}")
    if found is None or world.faults.take("revision-hangs", app=app.name):
        return
    if world.faults.take("revision-fails", app=app.name):
        found.properties.update(FAILED)
        message = f"Failed to provision revision for container app '{app.name}'. Error details: Operation expired."
        raise AzureError(400, "ContainerAppOperationError", message)
    found.properties.update(READY)
    app.properties["latestReadyRevisionName"] = revision
    mode = str((app.properties.get("configuration") or {}).get("activeRevisionsMode") or "Single")
    for one in world.resources.beneath(app.id):
        if one.type == REVISIONS.type and one.id != found.id and mode.lower() == "single":
            one.properties.update({"active": False, "runningState": "Stopped", "replicas": 0})


def takes_no_time(world: "World", method: str, api_version: str, app: Resource) -> bool:
    """Return whether the change makes no revision."""
    del world, method, api_version
    return NAMES_THE_REVISION not in app.hidden


def refuse_meanwhile(app: Resource) -> None:
    """Refuse a change while another one is in progress (microsoft/azure-container-apps#1731)."""
    if app.properties.get("provisioningState") == "InProgress":
        raise busy(app)


def busy(app: Resource) -> AzureError:
    """Return the 409 of an app that is being changed."""
    message = (
        f"Cannot modify a container app '{app.name}' because there is an active provisioning operation in progress. "
        "Please wait for it to complete."
    )
    return conflict("ContainerAppOperationInProgress", message)
