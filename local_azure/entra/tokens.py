"""Entra ID: OpenID metadata, keys, and tokens for applications (client credentials)."""

import json
from typing import Any

from aiohttp import web
from jwt.algorithms import ECAlgorithm

from local_azure.state.directory import GRAPH_AUDIENCES, KEY_ID, REGISTRY_AUDIENCES, VAULT_AUDIENCES
from local_azure.state.errors import EntraError
from local_azure.state.responses import answer
from local_azure.state.settings import TENANT_ID
from local_azure.state.throttling import wait_headers
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

# What a token can be for: a scope of anything else does not exist.
KNOWN_AUDIENCES = (
    REGISTRY_AUDIENCES
    | GRAPH_AUDIENCES
    | VAULT_AUDIENCES
    | {
        "https://api.loganalytics.io",
        "https://monitor.azure.com",
        "https://storage.azure.com",
        "https://graph.windows.net",
    }
)
LIFETIME = 3599  # seconds, as Entra ID says it
WELL_KNOWN_TENANTS = frozenset({TENANT_ID, "common", "organizations"})


@ROUTES.route("GET", "/{tenant}/.well-known/openid-configuration")
@ROUTES.route("GET", "/{tenant}/v2.0/.well-known/openid-configuration")
async def openid_configuration(call: Call) -> web.Response:
    """Answer with the addresses of the endpoints."""
    tenant = _tenant(call)
    base = f"https://{call.host}/{tenant}"
    oauth = f"{base}/oauth2/v2.0"
    return answer(
        {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "device_authorization_endpoint": f"{oauth}/devicecode",
            "jwks_uri": f"https://{call.host}/{tenant}/discovery/v2.0/keys",
            "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code", "id_token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "request_uri_parameter_supported": False,
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{oauth}/logout",
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver", "name", "email"],
            "kerberos_endpoint": f"{base}/kerberos",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
            "rbac_url": "https://pas.windows.net",
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
        }
    )


@ROUTES.route("GET", "/{tenant}/discovery/instance")
async def instance_discovery(call: Call) -> web.Response:
    """Answer that this authority is a known one."""
    aliases = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    clouds = [
        {"preferred_network": aliases[0], "preferred_cache": aliases[1], "aliases": aliases},
        {
            "preferred_network": "login.partner.microsoftonline.cn",
            "preferred_cache": "login.partner.microsoftonline.cn",
            "aliases": ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        },
        {
            "preferred_network": "login.microsoftonline.us",
            "preferred_cache": "login.microsoftonline.us",
            "aliases": ["login.microsoftonline.us", "login.usgovcloudapi.net"],
        },
    ]
    endpoint = f"https://{call.host}/{TENANT_ID}/v2.0/.well-known/openid-configuration"
    return answer({"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": clouds})


@ROUTES.route("GET", "/{tenant}/discovery/keys")
@ROUTES.route("GET", "/{tenant}/discovery/v2.0/keys")
async def keys(call: Call) -> web.Response:
    """Answer with the public key for our signatures."""
    key: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(call.world.directory.key.public_key()))
    return answer({"keys": [key | {"kid": KEY_ID, "use": "sig", "alg": "ES256"}]})


@ROUTES.route("POST", "/{tenant}/oauth2/token")
@ROUTES.route("POST", "/{tenant}/oauth2/v2.0/token")
async def token(call: Call) -> web.Response:
    """Issue an access token to an application with its secret."""
    fault = call.world.faults.take("throttle-oauth", host=call.host, path=call.path)
    if fault is not None:
        headers = wait_headers(fault.number("retry_after", 1))
        raise EntraError(429, "temporarily_unavailable", 90055, "The server is terminating an excess request.", headers)
    _tenant(call)
    form = {key: str(value) for key, value in (await call.request.post()).items()}
    if form.get("grant_type") != "client_credentials":
        message = f"The grant type '{form.get('grant_type', '')}' is not served by local-azure: use a client secret."
        raise EntraError(400, "unsupported_grant_type", 70003, message)
    principal = call.world.directory.find(form.get("client_id", ""))
    if principal is None or not principal.secret:
        message = (
            f"Application with identifier '{form.get('client_id', '')}' was not found in the directory '{TENANT_ID}'."
        )
        raise EntraError(400, "unauthorized_client", 700016, message)
    if form.get("client_secret") != principal.secret:
        message = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value."
        )
        raise EntraError(401, "invalid_client", 7000215, message)
    access = call.world.directory.access_token(principal, _audience(form), LIFETIME)
    return answer({"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": access})


def _audience(form: dict[str, str]) -> str:
    scope = form.get("scope") or form.get("resource", "")
    if not scope:
        raise EntraError(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'."
        )
    audience = scope.split()[0].removesuffix(".default").rstrip("/")
    if audience not in KNOWN_AUDIENCES:
        message = "The provided value for the input parameter 'scope' is not valid. "
        raise EntraError(400, "invalid_scope", 70011, f"{message}The scope {scope} is not valid.")
    return audience


def _tenant(call: Call) -> str:
    tenant = call.params.tenant
    if tenant.lower() not in WELL_KNOWN_TENANTS:
        message = (
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
        )
        raise EntraError(400, "invalid_request", 90002, f"{message}the correct cloud.")
    return TENANT_ID
