"""The front door of a registry's data plane: network rules, who asks, what a token allows, quotas."""

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from typing import Any, Final

from local_azure.arm.authorization import data_actions, need_data
from local_azure.network.private_routing import serves
from local_azure.state.content import RegistryContent, Repository
from local_azure.state.directory import InvalidTokenError
from local_azure.state.errors import NO_DETAIL, PageNotFound, RegistryError
from local_azure.state.store import Resource
from local_azure.state.throttling import RegistryKind
from local_azure.state.world import World
from local_azure.wire.routing import Call

REGISTRY_TYPE: Final = "Microsoft.ContainerRegistry/registries"
REFRESH_USER: Final = "00000000-0000-0000-0000-000000000000"  # the user name under which docker sends a refresh token
CATALOGUE: Final = "registry:catalog:*"
AUTHENTICATION_REQUIRED: Final = "authentication required, visit https://aka.ms/acr/authorization for more information."
FIREWALL_HINT: Final = "Refer https://aka.ms/acr/firewall to grant access."
DISALLOWED: Final = (
    "The operation is disallowed on this registry, repository or image. View troubleshooting steps at "
    "https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation"
)
# Of every answer of /v2 and /acr/v1, 401s too.
PROTOCOL: Final = {
    "Docker-Distribution-Api-Version": "registry/2.0",
    "Access-Control-Expose-Headers": "Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id",
}
Access = dict[str, frozenset[str]]  # "repository:team/app" or "registry:catalog" -> actions


@dataclass(frozen=True)
class AdmittedRequest:
    """A request that was let in."""

    call: Call
    registry: Resource
    content: RegistryContent
    access: Access

    @property
    def now(self) -> float:
        """Return the time."""
        return self.call.world.clock.now()

    def repository(self, name: str) -> Repository:
        """Return the repository, or raise NAME_UNKNOWN."""
        found = self.content.repositories.get(name)
        if found is None:
            message = "repository name not known to registry"
            raise RegistryError(404, "NAME_UNKNOWN", message, {"name": name})
        return found

    def may(self, action: str, repository: str) -> bool:
        """Return whether the token also allows this, beside what the request itself needs."""
        return action in self.access.get(f"repository:{repository}", frozenset())


def enter(call: Call, scope: str, kind: RegistryKind = "read", *, instead: str = "") -> AdmittedRequest:
    """Admit the request if network, token and quotas allow it.

    `scope` is what the token must hold (nothing for /v2/), `instead` another that is as good.
    """
    if scope.startswith("repository:") and scope.rpartition(":")[0] != scope.rpartition(":")[0].lower():
        raise PageNotFound
    if "/_" in scope:  # no repository is named so: it is a path of /acr/v1 that has no route
        raise RegistryError(501, "UNSUPPORTED", f"local-azure does not know {call.method} {call.path} on {call.host}.")
    registry = locate(call)
    call.headers |= PROTOCOL
    access, identity = _authenticate(call, registry, scope, instead)
    charge(call.world, registry, identity, kind)
    if scope and not (_holds(access, scope) or (instead and _holds(access, instead))):
        bearer = call.request.headers.get("Authorization", "").lower().startswith("bearer ")
        raise challenge(registry, scope, error="insufficient_scope" if access or bearer else "")
    return AdmittedRequest(call, registry, content_of(call.world, registry), access)


def content_of(world: World, registry: Resource) -> RegistryContent:
    """Return the content of the registry; empty the first time."""
    content = world.content.setdefault(registry.name.lower(), RegistryContent())
    assert isinstance(content, RegistryContent)  # noqa: S101 - the kernel does not know the type
    return content


def locate(call: Call) -> Resource:
    """Return the registry behind the host, if its network rules admit the client."""
    registry = find_by_login_server(call.world, call.host)
    if registry is None:
        raise RegistryError(404, "NAME_UNKNOWN", f"there is no registry {call.host}")
    address, door = call.world.settings.client_address, call.door
    if not (serves(call.world, registry, call.host, door) if door else lets_in(registry, address)):
        message = f"client with IP '{address}' is not allowed access. {FIREWALL_HINT}"
        raise RegistryError(403, "DENIED", message)
    return registry


def find_by_login_server(world: World, host: str) -> Resource | None:
    """Return the registry whose login server this is; data and regional endpoints belong to it as well."""
    label, _, rest = host.lower().partition(".")
    if not rest.endswith("azurecr.io"):
        return None
    for registry in world.resources.select(REGISTRY_TYPE):
        if registry.properties.get("loginServer", "").partition(".")[0].lower() == label:
            return registry
    return None


def network_restricted(registry: Resource) -> bool:
    """Return whether public access is off or only some addresses get in."""
    rules = registry.properties.get("networkRuleSet") or {}
    return registry.properties.get("publicNetworkAccess") == "Disabled" or rules.get("defaultAction") == "Deny"


def lets_in(registry: Resource, address: str) -> bool:
    """Return whether a client with this public address is admitted."""
    if not network_restricted(registry):
        return True
    if registry.properties.get("publicNetworkAccess") == "Disabled":
        return False
    rules = (registry.properties.get("networkRuleSet") or {}).get("ipRules") or ()
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(rule["value"], strict=False) for rule in rules)


def charge(world: World, registry: Resource, identity: str, kind: RegistryKind) -> None:
    """Count one request of this kind; 429 with a Retry-After that counts down when a minute's quota is used up."""
    premium, now = registry.body.get("sku", {}).get("name") == "Premium", world.clock.now()
    world.throttles.registry(registry.name.lower(), identity, kind, now, premium=premium)
    if kind == "referrers":  # these count as reads as well
        world.throttles.registry(registry.name.lower(), identity, "read", now, premium=premium)


def challenge(registry: Resource, scope: str, *, error: str = "") -> RegistryError:
    """Return the 401 that names the token service and the scope."""
    server = registry.properties["loginServer"]
    parts = [f'realm="https://{server}/oauth2/token"', f'service="{server}"']
    parts += [f'scope="{scope}"'] if scope else []
    parts += [f'error="{error}"'] if error else []
    kind, _, rest = scope.partition(":")
    name, _, actions = rest.rpartition(":")
    detail = [{"Type": kind, "Name": name, "Action": action} for action in actions.split(",")] if scope else NO_DETAIL
    headers = {"WWW-Authenticate": f"Bearer {','.join(parts)}"}
    return RegistryError(401, "UNAUTHORIZED", AUTHENTICATION_REQUIRED, detail, headers)


def disallowed() -> RegistryError:
    """Return the 405 for an action that a lock forbids."""
    return RegistryError(405, "REGISTRY_DISALLOWED_OPERATION", DISALLOWED, {})


def basic_credentials(call: Call) -> tuple[str, str] | None:
    """Return user name and password of a Basic header."""
    scheme, _, value = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _authenticate(call: Call, registry: Resource, scope: str, instead: str) -> tuple[Access, str]:
    scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _read_token(call.world, registry, token, scope)
    credentials = basic_credentials(call)
    if credentials is None:
        raise challenge(registry, scope)
    identity = identify(call.world, registry, *credentials)
    if identity is None:
        raise challenge(registry, scope, error="invalid_token")
    return grant(call.world, registry, identity, [one for one in (scope, instead) if one]), identity


def _read_token(world: World, registry: Resource, token: str, scope: str) -> tuple[Access, str]:
    try:
        claims = world.directory.read(token, {registry.properties["loginServer"]})
    except InvalidTokenError as error:
        raise challenge(registry, scope, error="invalid_token") from error
    if claims.get("grant_type") != "access_token":
        raise challenge(registry, scope, error="invalid_token")
    access = {f"{item['type']}:{item['name']}": frozenset(item["actions"]) for item in claims["access"]}
    return access, claims["sub"]


def _holds(access: Access, scope: str) -> bool:
    name, _, actions = scope.rpartition(":")
    return frozenset(actions.split(",")) <= access.get(name, frozenset())


def identify(world: World, registry: Resource, user: str, password: str) -> str | None:
    """Return the identity of this user and password: `admin`, `token:<name>`, `aad:<object id>`; None if unknown."""
    if user == REFRESH_USER:
        return read_refresh_token(world, registry, password)
    if user.lower() == registry.name.lower() and registry.properties.get("adminUserEnabled"):
        return "admin" if password in registry.hidden.get("adminPasswords", {}).values() else None
    token = world.resources.get(f"{registry.id}/tokens/{user}")
    if token is not None:
        valid = token.properties.get("status") != "disabled" and password in token.hidden.get("passwords", {}).values()
        return f"token:{token.name}" if valid else None
    principal = world.directory.find(user)
    return f"aad:{principal.object_id}" if principal and principal.secret and principal.secret == password else None


def read_refresh_token(world: World, registry: Resource, token: str) -> str | None:
    """Return the identity of a refresh token of this registry."""
    try:
        claims = world.directory.read(token, {registry.properties["loginServer"]})
    except InvalidTokenError:
        return None
    return str(claims["sub"]) if claims.get("grant_type") == "refresh_token" else None


def grant(world: World, registry: Resource, identity: str, scopes: list[str]) -> Access:
    """Return the granted part of the scopes; a scope without any right is omitted."""
    granted: dict[str, frozenset[str]] = {}
    for scope in scopes:
        name, _, actions = scope.rpartition(":")
        allowed = _allowed(world, registry, identity, name)
        wanted = allowed & frozenset(actions.split(",")) if "*" not in actions else allowed
        if identity.startswith("aad:"):
            need_data(world, registry, {"catalog"} if name == "registry:catalog" else actions.split(","))
        if wanted:
            granted[name] = granted.get(name, frozenset()) | wanted
    return granted


def _allowed(world: World, registry: Resource, identity: str, name: str) -> frozenset[str]:
    everything = frozenset({"*"} if name == "registry:catalog" else {*_ACTION_NEEDS})
    if identity == "admin":
        return everything
    kind, _, who = identity.partition(":")
    if kind == "token":
        return token_actions(world, registry, who, name.partition(":")[2]) & everything
    if identity == "anonymous":
        public = registry.properties.get("anonymousPullEnabled")
        return everything & {"pull", "metadata_read", "*"} if public else frozenset()
    principal = world.directory.find(who)
    held = data_actions(world, principal, registry.id, name.partition(":")[2]) if principal else set()
    return frozenset(action for action in everything if ("catalog" if action == "*" else action) in held)


# What an action in a token needs of a scope map's line.
_ACTION_NEEDS: Final = {
    "pull": "content/read",
    "push": "content/write",
    "delete": "content/delete",
    "metadata_read": "metadata/read",
    "metadata_write": "metadata/write",
}


def token_actions(world: World, registry: Resource, token_name: str, repository: str) -> frozenset[str]:
    """Return the actions of a token's scope map in a repository; the catalogue is never part of it."""
    token = world.resources.get(f"{registry.id}/tokens/{token_name}")
    scope_map = world.resources.get(token.properties.get("scopeMapId", "")) if token else None
    lines: list[Any] = scope_map.properties.get("actions", []) if scope_map else []
    return frozenset(
        action for action, need in _ACTION_NEEDS.items() if any(_covers(line, repository, need) for line in lines)
    )


def _covers(line: str, repository: str, need: str) -> bool:
    """Return whether `repositories/<name or prefix/*>/content/read` gives `need` in the repository."""
    head, _, verb = line.rpartition("/")
    pattern, _, area = head.removeprefix("repositories/").rpartition("/")
    if f"{area}/{verb}" != need:
        return False
    return repository.startswith(pattern[:-1]) if pattern.endswith("*") else repository == pattern


def reads_nearby(world: "World", target: Resource, source: Resource) -> bool:
    """Return whether an import reads in the target's region: if it reads the nearest replica, and there is one."""
    replicas = world.resources.children(source.id, f"{source.type}/replications")
    near = target.location in {source.location, *(one.location for one in replicas)}
    return near and world.settings.switches.import_reads == "nearest"
