"""The front door: which plane a request is for, who asks, what it costs, and how errors look there."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from local_azure.arm.authorization import action_of, authorize, check_locks, check_registered, holds_any_role
from local_azure.arm.vault_access import VAULT_SERVICE_VERSION, vault_at
from local_azure.entra.graph import graph_error
from local_azure.host import routes
from local_azure.network.endpoint_sockets import EndpointSockets, Listen
from local_azure.network.private_routing import resolve
from local_azure.state.directory import ARM_AUDIENCES, GRAPH_AUDIENCES, VAULT_AUDIENCES, InvalidTokenError, Principal
from local_azure.state.errors import AzureError, EntraError, RegistryError, subscription_not_found
from local_azure.state.providers import check_offered
from local_azure.state.responses import answer
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource
from local_azure.state.throttling import ArmKind, arm_throttled
from local_azure.state.world import World
from local_azure.wire.lags import refuse, vary
from local_azure.wire.random_failures import cut, disturbed
from local_azure.wire.routing import Call, Router
from local_azure.wire.stop_at_write import stoppable

ARM_HOSTS = frozenset({"management.azure.com", "management.chinacloudapi.cn", "management.usgovcloudapi.net"})
ENTRA_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.windows.net",
        "sts.windows.net",
        "login.chinacloudapi.cn",
        "login.partner.microsoftonline.cn",
        "login.microsoftonline.us",
    }
)
GRAPH_HOSTS = frozenset({"graph.microsoft.com", "microsoftgraph.chinacloudapi.cn", "graph.microsoft.us"})
REGISTRY_SUFFIXES = (".azurecr.io", ".azurecr.cn", ".azurecr.us")
STORAGE_SUFFIXES = ("localazure.blob.core.windows.net", "localazure.blob.core.chinacloudapi.cn",
                    "localazure.blob.core.usgovcloudapi.net")  # fmt: skip
VAULT_SUFFIXES = (".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net")
REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
# Polls need no role of their own: which one is unverified.
UNMETERED = re.compile(
    r"/(operationresults|operationstatuses|operationsstatus|privatednsoperation(statuses|results)|commandresults"
    r"|locations/[^/]+/operations)/",
    re.IGNORECASE,
)
log = logging.getLogger("local_azure")


def plane_of(host: str) -> Router | None:
    """Return the plane behind a host name, None if it is not Azure's."""
    if host in ARM_HOSTS:
        return routes.ARM
    if host in ENTRA_HOSTS:
        return routes.ENTRA
    if host in GRAPH_HOSTS:
        return routes.GRAPH
    if host.endswith(VAULT_SUFFIXES):
        return routes.VAULT
    if host.endswith(STORAGE_SUFFIXES):
        return routes.STORAGE
    return routes.REGISTRY if host.endswith(REGISTRY_SUFFIXES) else None


class FrontDoor:
    """Every request of every plane comes through `handle`, by the public door or by that of a private endpoint."""

    def __init__(self, world: World, listen: Listen) -> None:
        self.world = world
        self.doors = EndpointSockets(world, listen)
        self._prepare: dict[str, Callable[[Call], Awaitable[None]]] = {
            "arm": self._enter_arm,
            "graph": self._enter_graph,
            "vault": self._enter_vault,
        }

    async def admit(self, host: str, network: str = "") -> tuple[str, int] | str | None:
        """Return where a CONNECT to this host leads: None to us, a private endpoint's socket, or the refusing host.

        An unknown login server, a missing vault, or an unassigned address answers as a
        proxy does whose DNS does not know the name, or whose packets do not arrive.
        """
        plane = plane_of(host)
        if plane is None:
            return "403 Forbidden"
        if plane is routes.VAULT:
            return None if vault_at(self.world, host) else "502 Bad Gateway"
        if plane is not routes.REGISTRY:
            return None
        registry = self._registry_of(host)
        if registry is None:
            return "502 Bad Gateway"
        addresses = resolve(self.world, registry, host, network) if network else None
        if addresses is None:
            return None
        return (await self.doors.find(addresses[0], network) if addresses else None) or "502 Bad Gateway"

    def _registry_of(self, host: str) -> Resource | None:
        for registry in self.world.resources.select(REGISTRY_TYPE):
            server = str(registry.properties.get("loginServer", "")).lower()
            name, _, suffix = server.partition(".")
            if host == server or (host.startswith(f"{name}.") and host.endswith(f".data.{suffix}")):
                fault = self.world.faults.peek("dns-not-yet", host=host)
                hidden = fault is not None and registry.created >= fault.armed_at
                return None if hidden and self.world.faults.take("dns-not-yet", host=host) else registry
        return None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; errors have the shape of its plane."""
        correlation_id = request.headers.get("x-ms-correlation-request-id") or str(uuid.uuid4())
        transport = request.transport
        door = self.doors.at(transport.get_extra_info("sockname")) if transport else None
        call = Call(self.world, request, correlation_id, door)
        router = plane_of(call.host) or routes.REGISTRY
        cutting = self.world.faults.take("cut-connection", plane=router.plane, path=call.path, method=call.method)
        if cutting is not None and not cutting.params.get("after"):
            raise cut(call)
        try:
            response = await disturbed(
                call, router.plane, lambda: stoppable(call, router.plane, lambda: self._answer(router, call))
            )
        except AzureError as error:
            plain = answer(error.body, error.status, error.headers, error.charset)
            response = graph_error(call, error) if router is routes.GRAPH else plain
        except RegistryError as error:
            response = _registry_error(error)
        except EntraError as error:
            response = answer(error.body, error.status, error.headers)
        except Exception:
            log.exception("%s %s broke", call.method, call.path)
            response = _broken(router, call)
        if cutting is not None:
            raise cut(call)
        if not response.prepared:
            response.headers.update(call.headers)
            response.headers.update(_identifiers(call))
        template, now = call.template or "unknown", self.world.clock.now()
        self.world.stats.record(router.plane, call.method, call.path, template, response.status, now)
        if door is not None:
            self.world.stats.arrived(call.host, door.address)
        return response

    async def _answer(self, router: Router, call: Call) -> web.StreamResponse:
        enter = self._prepare.get(router.plane)
        if enter is not None:
            await enter(call)
        found = router.match(call.method, call.request.rel_url.raw_path)
        if found is None:
            return _not_implemented(router, call)
        call.template, handler, call.params = found
        await refuse(call, router.plane)
        return vary(call, router.plane, await handler(call))

    async def _enter_arm(self, call: Call) -> None:
        path = call.path
        if path.startswith("/metadata/"):
            return
        call.principal = _authenticated(call, ARM_AUDIENCES)
        subscription = _subscription(path)
        if subscription and self.world.resources.get(f"/subscriptions/{subscription}") is None:
            raise subscription_not_found(subscription)
        self._throttle(call, subscription)
        check_offered(self.world.faults, path, call.api_version)
        last = path.rstrip("/").rpartition("/")[2].lower()
        if not subscription and call.method in ("GET", "HEAD", "POST"):
            return
        if UNMETERED.search(path):
            return
        action, scope = action_of(call.method, path)
        if _lists_a_subscription(call, scope) and holds_any_role(self.world, call.principal, scope):
            return  # the list shows what the caller may read
        authorize(self.world, call.principal, action, scope)
        check_locks(self.world, call.method, path)
        if last != "register" and call.method in ("PUT", "PATCH", "POST"):
            check_registered(self.world, subscription, action.partition("/")[0])

    def _throttle(self, call: Call, subscription: str) -> None:
        kind = _quota(call)
        principal = call.caller.object_id
        fault = self.world.faults.take("throttle-arm", method=call.method, path=call.path, kind=kind)
        if fault is not None:
            raise arm_throttled(subscription, principal, kind, fault.number("retry_after", 1))
        call.headers |= self.world.throttles.arm(principal, subscription, kind, self.world.clock.now())

    async def _enter_graph(self, call: Call) -> None:
        call.principal = _authenticated(call, GRAPH_AUDIENCES)

    async def _enter_vault(self, call: Call) -> None:
        try:
            call.principal = _authenticated(call, VAULT_AUDIENCES)
        except AzureError as refused:
            raise _unknown_to_vault(call, refused) from refused


def _registry_error(error: RegistryError) -> web.Response:
    if error.text:
        return web.Response(text=error.text, status=error.status, headers=error.headers)
    return answer(error.body, error.status, error.headers)


def _lists_a_subscription(call: Call, scope: str) -> bool:
    parts = call.path.strip("/").lower().split("/")
    is_list = parts[2:] in (["resourcegroups"], ["resources"]) or (len(parts) == 5 and parts[2] == "providers")
    return call.method == "GET" and scope.count("/") == 2 and is_list and "microsoft.authorization" not in parts


def _quota(call: Call) -> ArmKind:
    if call.method in ("GET", "HEAD"):
        return "reads"
    if call.method == "DELETE":
        return "deletes"
    return "reads" if call.path.lower().endswith("/checknameavailability") else "writes"


def _subscription(path: str) -> str:
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""


def _authenticated(call: Call, audiences: frozenset[str]) -> Principal:
    scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    login = f"https://login.microsoftonline.com/{TENANT_ID}"
    if scheme.lower() != "bearer" or not token:
        message = "Authentication failed. The 'Authorization' header is missing."
        described = "The authentication failed because of missing 'Authorization' header."
        challenge = f'Bearer authorization_uri="{login}", error="invalid_token", error_description="{described}"'
        headers = {"WWW-Authenticate": challenge}
        raise AzureError(401, "AuthenticationFailed", message, headers=headers, gateway=True)
    try:
        return call.world.directory.principal_of(token.strip(), audiences)
    except InvalidTokenError as error:
        challenge = f'Bearer authorization_uri="{login}", error="invalid_token", error_description="{error}"'
        headers = {"WWW-Authenticate": challenge}
        raise AzureError(401, "InvalidAuthenticationToken", str(error), headers=headers, gateway=True) from error


def _unknown_to_vault(call: Call, refused: AzureError) -> AzureError:
    """Return a vault's own 401, whose challenge names authority and resource."""
    authority, resource = f"https://login.microsoftonline.com/{TENANT_ID}", f"https://{call.host.partition('.')[2]}"
    challenge = {
        "WWW-Authenticate": f'Bearer authorization="{authority}", resource="{resource}"',
        "x-ms-keyvault-service-version": VAULT_SERVICE_VERSION,
    }
    is_missing = refused.code == "AuthenticationFailed"
    words = "AKV10000: Request is missing a Bearer or PoP token." if is_missing else f"AKV10032: {refused.message}"
    return AzureError(401, "Unauthorized", words, headers=challenge, plain=True)


def _identifiers(call: Call) -> dict[str, str]:
    request_id = call.request_id
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": call.correlation_id,
        "x-ms-routing-request-id": f"LOCALAZURE:{moment}:{request_id}",
    }


def _not_implemented(router: Router, call: Call) -> web.Response:
    message = f"local-azure does not know {call.method} {call.path} on {call.host} ({router.plane})."
    log.warning("501: %s", message)
    if router.plane == "registry":
        return answer(RegistryError(501, "UNSUPPORTED", message).body, 501)
    return answer(AzureError(501, "NotImplementedByLocalAzure", message, gateway=True).body, 501)


def _broken(router: Router, call: Call) -> web.Response:
    message = f"local-azure broke on {call.method} {call.path}; its log says how."
    if router.plane == "registry":
        return answer(RegistryError(500, "UNKNOWN", message).body, 500)
    return answer(AzureError(500, "InternalServerError", message).body, 500)
