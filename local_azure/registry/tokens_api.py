"""The token endpoints of a registry: /oauth2/exchange and /oauth2/token (facts: azure.md 4.1)."""

from typing import Final

from aiohttp import web

from local_azure.registry.admission import (
    AUTHENTICATION_REQUIRED,
    Access,
    basic_credentials,
    charge,
    grant,
    identify,
    locate,
    read_refresh_token,
)
from local_azure.state.directory import REGISTRY_AUDIENCES, InvalidTokenError
from local_azure.state.errors import RegistryError
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.state.throttling import registry_throttled
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

REFRESH_SECONDS: Final = 3 * 3600  # what `az acr login` gets
ACCESS_SECONDS: Final = 75 * 60
REGISTRY_ONLY: Final = frozenset({"https://containerregistry.azure.net"})


@ROUTES.route("POST", "/oauth2/exchange")
async def exchange(call: Call) -> web.Response:
    """Exchange an Entra token for a refresh token of this registry."""
    registry = _counted(call)
    form = await call.request.post()
    if form.get("grant_type") not in ("access_token", "access_token_refresh_token"):
        raise _unauthorized("unsupported grant_type")
    policies = registry.properties.get("policies") or {}
    as_arm = (policies.get("azureADAuthenticationAsArmPolicy") or {}).get("status", "enabled") == "enabled"
    try:
        audiences = REGISTRY_AUDIENCES if as_arm else REGISTRY_ONLY
        principal = call.world.directory.principal_of(str(form.get("access_token", "")), audiences)
    except InvalidTokenError as error:
        raise _unauthorized(str(error)) from error
    call.headers |= {"x-ms-ratelimit-remaining-calls-per-second": "166.65"}
    return answer({"refresh_token": _refresh_token(call, registry, f"aad:{principal.object_id}")})


@ROUTES.route("POST", "/oauth2/token")
async def token_by_form(call: Call) -> web.Response:
    """Exchange a refresh token, or a user with a password, for an access token for scopes."""
    registry = _counted(call)
    form = await call.request.post()
    scopes = [scope for value in form.getall("scope", []) for scope in str(value).split()]
    if form.get("grant_type") == "refresh_token":
        identity = read_refresh_token(call.world, registry, str(form.get("refresh_token", "")))
    elif form.get("grant_type") == "password":
        user, password = str(form.get("username", "")), str(form.get("password", ""))
        identity = identify(call.world, registry, user, password) if user else "anonymous"
    else:
        raise _unauthorized("unsupported grant_type")
    return _issue(call, registry, identity, scopes)


@ROUTES.route("GET", "/oauth2/token")
async def token_by_query(call: Call) -> web.Response:
    """Issue the same for docker and its kin: Basic credentials, or none for anonymous pull."""
    registry = _counted(call)
    scopes = [scope for value in call.request.query.getall("scope", []) for scope in value.split()]
    credentials = basic_credentials(call)
    identity = identify(call.world, registry, *credentials) if credentials else "anonymous"
    return _issue(call, registry, identity, scopes)


def _counted(call: Call) -> Resource:
    registry = locate(call)
    if fault := call.world.faults.take("throttle-oauth", registry=registry.name, path=call.path):
        raise registry_throttled(fault.number("retry_after", 1))
    charge(call.world, registry, "", "oauth")
    return registry


def _issue(call: Call, registry: Resource, identity: str | None, scopes: list[str]) -> web.Response:
    if identity is None or (identity == "anonymous" and not registry.properties.get("anonymousPullEnabled")):
        raise _unauthorized(AUTHENTICATION_REQUIRED)
    access = grant(call.world, registry, identity, scopes)
    if scopes and not access and identity != "anonymous":  # the anonymous have a token for nothing, refused later
        raise _unauthorized(AUTHENTICATION_REQUIRED)
    call.headers |= {"x-ms-ratelimit-remaining-calls-per-second": "166.65"}
    return answer({"access_token": _access_token(call, registry, identity, access)})


def _refresh_token(call: Call, registry: Resource, identity: str) -> str:
    server = registry.properties["loginServer"]
    claims = {"iss": "Azure Container Registry", "aud": server, "sub": identity, "grant_type": "refresh_token"}
    return call.world.directory.sign(claims | {"version": "1.0", "jti": call.world.guid()}, REFRESH_SECONDS)


def _access_token(call: Call, registry: Resource, identity: str, access: Access) -> str:
    server = registry.properties["loginServer"]
    items = [
        {"type": name.partition(":")[0], "name": name.partition(":")[2], "actions": sorted(actions)}
        for name, actions in access.items()
    ]
    claims = {"iss": "Azure Container Registry", "aud": server, "sub": identity, "grant_type": "access_token"}
    return call.world.directory.sign(claims | {"access": items, "jti": call.world.guid()}, ACCESS_SECONDS)


def _unauthorized(message: str) -> RegistryError:
    return RegistryError(401, "UNAUTHORIZED", message)
