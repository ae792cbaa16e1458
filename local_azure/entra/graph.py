"""Microsoft Graph: the few calls that az makes to find out who somebody is."""

import re
from typing import Any

from aiohttp import web

from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, graph_routes

CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"


def _view(principal: Principal) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": principal.object_id,
        "appId": principal.client_id,
        "displayName": principal.name,
        "appDisplayName": principal.name,
        "servicePrincipalType": principal.kind,
        "servicePrincipalNames": [principal.client_id],
        "accountEnabled": True,
    }


def _found(call: Call, identifier: str) -> Principal:
    principal = call.world.directory.find(identifier)
    if principal is None:
        raise AzureError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
            gateway=True,
        )
    return principal


@graph_routes.route("GET", "/{version}/servicePrincipals")
@graph_routes.route("GET", "/{version}/applications")
async def list_service_principals(call: Call) -> web.Response:
    """Those whose id or name the filter quotes; all without a filter."""
    wanted = {text.lower() for text in re.findall(r"'([^']*)'", call.query.get("$filter", ""))}
    everybody = call.world.directory.all()
    matching = [
        one for one in everybody if not wanted or wanted & {one.client_id.lower(), one.name.lower(), one.object_id}
    ]
    return answer({"@odata.context": f"{CONTEXT}servicePrincipals", "value": [_view(one) for one in matching]})


@graph_routes.route("GET", "/{version}/servicePrincipals/{identifier}")
@graph_routes.route("GET", "/{version}/directoryObjects/{identifier}")
async def get_service_principal(call: Call) -> web.Response:
    """One of them, by object id or `appId=`."""
    return answer(_view(_found(call, call.params.identifier)))


@graph_routes.route("POST", "/{version}/directoryObjects/getByIds")
async def get_by_ids(call: Call) -> web.Response:
    """Those that exist of a list of object ids."""
    wanted = (await call.json()).get("ids", [])
    found = [principal for one in wanted if (principal := call.world.directory.find(str(one))) is not None]
    return answer({"@odata.context": f"{CONTEXT}directoryObjects", "value": [_view(one) for one in found]})


@graph_routes.route("GET", "/{version}/users")
@graph_routes.route("GET", "/{version}/groups")
async def list_nobody(call: Call) -> web.Response:
    """There are no users and no groups here."""
    del call
    return answer({"@odata.context": f"{CONTEXT}users", "value": []})


@graph_routes.route("GET", "/{version}/me")
async def me(call: Call) -> web.Response:
    """An application has no /me, here as there."""
    message = "/me request is only valid with delegated authentication flow."
    raise AzureError(400, "BadRequest", f"{message} {call.caller.name} is an application.", gateway=True)


@graph_routes.route("GET", "/{version}/users/{identifier}")
@graph_routes.route("GET", "/{version}/groups/{identifier}")
async def nobody(call: Call) -> web.Response:
    """Not found, as there are none."""
    raise AzureError(
        404, "Request_ResourceNotFound", f"Resource '{call.params.identifier}' does not exist.", gateway=True
    )
