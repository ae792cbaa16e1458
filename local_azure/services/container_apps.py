"""Container apps and their jobs, as far as `az containerapp` looks at them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, Hook, Prepare, ResourceType
from local_azure.state.directory import Principal
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

APPS: Final = frozenset({"Microsoft.App/containerApps", "Microsoft.App/jobs"})
NOT_GIVEN: Final = {"identity": "", "passwordSecretRef": "", "username": ""}


def app_type(name: str, prepare: Prepare, after_put: Hook) -> ResourceType:
    """Check apps or jobs, like other light types."""

    async def patch(world: "World", principal: Principal, existing: Resource, body: Body) -> Resource:
        """Return the app after a change. Source: Container Apps - Update, which is a JSON Merge Patch."""
        given = {key: value for key, value in body.items() if key not in ("id", "name", "type")}
        prepared = prepare(world, principal, existing.id, merge_patch(existing.body, given), existing)
        return prepared if isinstance(prepared, Resource) else await prepared

    return ResourceType(
        name,
        prepare=prepare,
        patch=patch,
        view=show_app,
        after_put=after_put,
        actions={"listsecrets": list_secrets},
        tracked=True,
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
