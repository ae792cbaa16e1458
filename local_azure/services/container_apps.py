"""Container apps and their jobs, as far as `az containerapp` looks at them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, Hook, Prepare, ResourceType
from local_azure.services import app_revisions
from local_azure.state.directory import Principal
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

APPS: Final = frozenset({"Microsoft.App/containerApps", "Microsoft.App/jobs"})
NOT_GIVEN: Final = {"identity": "", "passwordSecretRef": "", "username": ""}


def app_type(name: str, prepare: Prepare, after_put: Hook) -> ResourceType:
    """Check apps or jobs, like other light types. A change of an app's template makes a revision, and takes time."""
    is_app = name == app_revisions.APP

    def prepare_app(
        world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
    ) -> Resource:
        """Return the app as it was sent, with the name of the revision that this makes."""
        if existing is not None and world.faults.take("app-busy", app=existing.name):
            raise app_revisions.busy(existing)
        prepared = prepare(world, principal, resource_id, body, existing)
        assert isinstance(prepared, Resource)  # noqa: S101 - light types are prepared at once
        if is_app:
            app_revisions.begin_revision(world, prepared, existing)
        return prepared

    def patch(world: "World", principal: Principal, existing: Resource, body: Body) -> Resource:
        """Return the app after a change. Source: Container Apps - Update, which is a JSON Merge Patch."""
        given = {key: value for key, value in body.items() if key not in ("id", "name", "type")}
        return prepare_app(world, principal, existing.id, merge_patch(existing.body, given), existing)

    async def finish(world: "World", app: Resource) -> None:
        """Give it an identity, and finish its revision."""
        await after_put(world, app)
        if is_app:
            await app_revisions.finish_revision(world, app)

    return ResourceType(
        name,
        prepare=prepare_app,
        patch=patch,
        view=show_app,
        accepted=app_revisions.accept_revision,
        after_put=finish,
        actions={"listsecrets": list_secrets},
        tracked=True,
        update_seconds=20,
        at_once=app_revisions.takes_no_time,
        changing="InProgress",
        refuse_change=app_revisions.refuse_meanwhile,
    )


def show_app(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the app with each of its registries in full: unset properties are empty strings.

    Source: Container Apps - Get (RegistryCredentials); `az containerapp registry remove` relies on the user name.
    """
    del api_version, world
    own = resource.properties.get("configuration") or {}
    if not own.get("registries"):
        return resource.view()
    registries = [
        NOT_GIVEN | {key: value for key, value in one.items() if value is not None} for one in own["registries"]
    ]
    return resource.view() | {"properties": resource.properties | {"configuration": own | {"registries": registries}}}


async def list_secrets(call: Call, app: Resource) -> web.Response:
    """List the secrets of a container app or job (Container Apps - List Secrets); here there is no secret."""
    del call, app
    return answer({"value": []})


def merge_patch(old: object, new: Mapping[str, Any]) -> dict[str, Any]:
    """Merge by RFC 7396: objects at every depth, null deletes, all else is replaced."""
    result = dict(old) if isinstance(old, Mapping) else {}
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value) if isinstance(value, Mapping) else value
    return result
