"""Scope maps and the tokens that carry them; passwords are shown once, when they are generated."""

import re
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from local_azure.arm.operation_forms import ACR, Change, OperationForms
from local_azure.arm.resource_pipeline import found
from local_azure.arm.resource_types import Body, type_of
from local_azure.registry_types.common import check_name, compose, password, registry_type, stamped, with_offsets
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call

SCOPE_MAPS: Final = "registries/scopeMaps"
TOKENS: Final = "registries/tokens"
DOCUMENTED_AS_OPERATIONS: Final = "2025-11"  # api-versions whose documentation has operations here, unlike recordings
RESERVED: Final = (
    "Resource names must contain only alphanumeric characters optionally separated by '-'. The total length of the "
    "name including hyphens should be at least 5 and less than 50 characters. Also, '_' is reserved for system defined "
    "resources. For more information on repository permissions, please visit https://aka.ms/acr/repo-permissions."
)
_ACTION: Final = re.compile(
    r"repositories/[a-z0-9._/*-]+/(content/(read|write|delete)|metadata/(read|write))"
    r"|gateway/[a-zA-Z0-9]+/(config|message)/(read|write)"
)


def prepare_scope_map(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a user's scope map; the system's come with the registry and cannot be deployed."""
    del principal
    name = parse_id(resource_id).name
    if not re.fullmatch(r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*", name) or not 5 <= len(name) <= 50:
        raise bad_request("ResourceNameWithHyphenInvalid", f"Invalid resource name: '{name}'. {RESERVED}")
    scope_map = compose(resource_id, body, existing, stamped(world, existing))
    scope_map.properties["type"] = "UserDefined"
    wrong = [action for action in scope_map.properties.get("actions") or [""] if not _ACTION.fullmatch(action)]
    if wrong:
        raise bad_request("InvalidScopeMapAction", f"The scope map action '{wrong[0]}' is invalid.")
    return scope_map


def refuse_system(world: World, scope_map: Resource) -> None:
    """Raise AzureError 400 for a scope map that came with the registry."""
    del world
    if scope_map.properties.get("type") == "SystemDefined":
        message = f"The system defined scope map '{scope_map.name}' cannot be deleted."
        raise bad_request("SystemScopeMapCannotBeModified", message)


def prepare_token(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a token; redeployed without `credentials` it loses its passwords, as in Azure."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9-]{5,50}", RESERVED)
    token = compose(resource_id, body, existing, {"status": "enabled", **stamped(world, existing)})
    scope_map = token.properties.get("scopeMapId")
    if scope_map and world.resources.get(scope_map) is None:
        raise bad_request("ScopeMapNotFound", f"The scope map '{scope_map}' was not found.")
    named = (token.properties.get("credentials") or {}).get("passwords") or []
    kept = {item.get("name") for item in named}
    token.hidden["passwords"] = {
        name: value for name, value in token.hidden.get("passwords", {}).items() if name in kept
    }
    for item in named:
        item.pop("value", None)
    token.properties["credentials"] = {"passwords": named, **_certificates(token)}
    return token


def _certificates(token: Resource) -> dict[str, Any]:
    certificates = (token.properties.get("credentials") or {}).get("certificates")
    return {"certificates": certificates} if certificates else {}


async def generate_credentials(call: Call, registry: Resource) -> web.Response:
    """Generate new passwords of the token (one, or both if none is named); only this answer shows them."""
    body = await call.json()
    token = found(call.world, type_of(f"{registry.type}/tokens"), str(body.get("tokenId", "")))
    names = [body["name"]] if body.get("name") else ["password1", "password2"]
    if not set(names) <= {"password1", "password2"}:
        raise bad_request("InvalidPasswordName", f"The password name '{names[0]}' is not one of password1, password2.")

    async def generate() -> dict[str, Any]:
        made = {name: password(call.world) for name in names}
        token.hidden.setdefault("passwords", {}).update(made)
        expiry = {"expiry": _whole_seconds(str(body["expiry"]))} if body.get("expiry") else {}
        stamps = {"creationTime": call.world.clock.iso(), **expiry}
        before = [item for item in token.properties["credentials"]["passwords"] if item["name"] not in made]
        token.properties["credentials"]["passwords"] = [*before, *({**stamps, "name": name} for name in names)]
        shown = [{**stamps, "name": name, "value": value} for name, value in made.items()]
        return {"username": token.name, "passwords": with_offsets(shown)}

    # Recordings have the passwords at once; the documentation of 2025-11-01 has both.
    if call.world.settings.operations == "immediate" or call.api_version.lower() < DOCUMENTED_AS_OPERATIONS:
        return answer(await generate())
    form = Form(f"{registry.id}/operationStatuses", prefix="registries", pending="Updating")
    return await call.world.operations.start(call, generate, form, seconds=2)


def _whole_seconds(moment: str) -> str:
    return re.sub(r"\.\d+", "", moment)


def scope_maps_at_once(world: World, method: str, api_version: str, scope_map: Resource) -> bool:
    """Return whether a request takes no time: recordings create scope maps at once, newer documentation does not."""
    del world, scope_map
    return method == "PUT" and api_version < DOCUMENTED_AS_OPERATIONS


def scope_map_change(change: Change) -> Form:
    """Give ids of operations the recorded prefix, or the documented one."""
    form = ACR.change(change)
    return form if change.api_version < DOCUMENTED_AS_OPERATIONS else replace(form, prefix="scopemaps")


TYPES: Final = (
    registry_type(
        SCOPE_MAPS,
        prepare=prepare_scope_map,
        check_delete=refuse_system,
        created_status=200,
        create_seconds=1,
        update_seconds=1,
        at_once=scope_maps_at_once,
        forms=OperationForms(scope_map_change, ACR.delete),
        delete_seconds=1,
    ),
    registry_type(TOKENS, prepare=prepare_token, create_seconds=2, update_seconds=1, delete_seconds=1),
)
