"""The admin user of a registry and its two passwords."""

from typing import Any

from aiohttp import web

from local_azure.arm.resource_types import Body
from local_azure.registry_types.common import password
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.state.world import World
from local_azure.wire.routing import Call


def credentials(world: World, existing: Resource | None) -> dict[str, Any]:
    """Return the admin's two passwords, created once."""
    if existing:
        return {}
    return {"adminPasswords": {"password": password(world), "password2": password(world)}}


async def list_credentials(call: Call, registry: Resource) -> web.Response:
    """Answer with the admin user's name and passwords, if there is an admin user."""
    del call
    _need_admin(registry)
    return answer(_shown_credentials(registry))


async def regenerate_credential(call: Call, registry: Resource) -> web.Response:
    """Regenerate one of the admin's passwords."""
    _need_admin(registry)
    which = str((await call.json()).get("name", "")).lower()  # PowerShell says Password
    if which not in ("password", "password2"):
        raise bad_request("InvalidPasswordName", f"The password name '{which}' is not one of password, password2.")
    registry.hidden["adminPasswords"][which] = password(call.world)
    return answer(_shown_credentials(registry))


def _need_admin(registry: Resource) -> None:
    if not registry.properties.get("adminUserEnabled"):
        raise bad_request(
            "UnAuthorizedForCredentialOperations",
            f"Cannot perform credential operations for {registry.id} as admin user is disabled. Kindly enable the "
            "admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account",
        )


def _shown_credentials(registry: Resource) -> Body:
    passwords = [{"name": name, "value": value} for name, value in registry.hidden["adminPasswords"].items()]
    return {"username": registry.name, "passwords": passwords}
