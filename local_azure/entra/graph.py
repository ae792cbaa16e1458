"""Microsoft Graph: the few calls that az makes to find out who somebody is."""

import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"


GROUP = "Group"
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def _odata(call: Call, body: dict[str, Any]) -> web.Response:
    """Return an answer in the form of OData 4.0."""
    told = answer(body, headers={"OData-Version": "4.0", "request-id": call.request_id})
    told.headers["Content-Type"] = CONTENT_TYPE
    return told


def graph_error(call: Call, error: AzureError) -> web.Response:
    """Return an error as Graph writes it: with the date and the ids of the request, which are headers too."""
    asked = call.request.headers.get("client-request-id", call.request_id)
    ids = {"request-id": call.request_id, "client-request-id": asked}
    inner = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", **ids}
    challenge = {name: text for name, text in error.headers.items() if name == "WWW-Authenticate"}
    body = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
    return answer(body, error.status, ids | challenge, charset=None)


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
            plain=True,
        )
    return principal


@ROUTES.route("GET", "/{version}/servicePrincipals")
@ROUTES.route("GET", "/{version}/applications")
async def list_service_principals(call: Call) -> web.Response:
    """List the service principals whose id or name the filter quotes; all without a filter."""
    wanted = {text.lower() for text in re.findall(r"'([^']*)'", call.query.get("$filter", ""))}
    everybody = [one for one in call.world.directory.all() if one.kind != GROUP]
    matching = [
        one for one in everybody if not wanted or wanted & {one.client_id.lower(), one.name.lower(), one.object_id}
    ]
    return _odata(call, {"@odata.context": f"{CONTEXT}servicePrincipals", "value": [_view(one) for one in matching]})


@ROUTES.route("GET", "/{version}/servicePrincipals/{identifier}")
@ROUTES.route("GET", "/{version}/directoryObjects/{identifier}")
async def get_service_principal(call: Call) -> web.Response:
    """Answer with one of them, by object id or `appId=`."""
    return _odata(call, _view(_found(call, call.params.identifier)))


@ROUTES.route("POST", "/{version}/directoryObjects/getByIds")
async def get_by_ids(call: Call) -> web.Response:
    """List the existing ones among object ids."""
    wanted = (await call.json()).get("ids", [])
    found = [principal for one in wanted if (principal := call.world.directory.find(str(one))) is not None]
    return _odata(call, {"@odata.context": f"{CONTEXT}directoryObjects", "value": [_view(one) for one in found]})


@ROUTES.route("GET", "/{version}/users")
async def list_users(call: Call) -> web.Response:
    """List the users: always empty here."""
    return _odata(call, {"@odata.context": f"{CONTEXT}users", "value": []})


@ROUTES.route("GET", "/{version}/groups")
async def list_groups(call: Call) -> web.Response:
    """List the security groups."""
    groups = [_group(one) for one in call.world.directory.all() if one.kind == GROUP]
    return _odata(call, {"@odata.context": f"{CONTEXT}groups", "value": groups})


@ROUTES.route("GET", "/{version}/groups/{identifier}")
async def get_group(call: Call) -> web.Response:
    """One of the groups."""
    return _odata(call, _group(_found(call, call.params.identifier)))


def _group(group: Principal) -> dict[str, Any]:
    return {"id": group.object_id, "displayName": group.name, "securityEnabled": True, "groupTypes": []}


@ROUTES.route("GET", "/{version}/me")
async def me(call: Call) -> web.Response:
    """Refuse /me, which an application does not have."""
    message = "/me request is only valid with delegated authentication flow."
    raise AzureError(400, "BadRequest", f"{message} {call.caller.name} is an application.", plain=True)


@ROUTES.route("GET", "/{version}/users/{identifier}")
async def no_user(call: Call) -> web.Response:
    """Answer 404: there are no users."""
    raise AzureError(
        404, "Request_ResourceNotFound", f"Resource '{call.params.identifier}' does not exist.", plain=True
    )
