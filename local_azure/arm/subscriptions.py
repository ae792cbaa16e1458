"""ARM itself: metadata, tenants, subscriptions, locations, resource providers."""

from typing import Any

from aiohttp import web

from local_azure.arm.authorization import holds_any_role
from local_azure.arm.resource_types import TYPES, missing_version
from local_azure.state import locations
from local_azure.state.errors import AzureError, subscription_not_found
from local_azure.state.providers import KNOWN, is_withheld
from local_azure.state.responses import answer
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import SUBSCRIPTION_TYPE, Resource
from local_azure.state.world import World
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

CLOUDS = {
    "AzureCloud": {
        "arm": "https://management.azure.com",
        "login": "https://login.microsoftonline.com",
        "graph": "https://graph.microsoft.com",
        "registry": "azurecr.io",
        "audience": "https://management.core.windows.net",
        "domain": "windows.net",
    },
    "AzureChinaCloud": {
        "arm": "https://management.chinacloudapi.cn",
        "login": "https://login.chinacloudapi.cn",
        "graph": "https://microsoftgraph.chinacloudapi.cn",
        "registry": "azurecr.cn",
        "audience": "https://management.core.chinacloudapi.cn",
        "domain": "chinacloudapi.cn",
    },
    "AzureUSGovernment": {
        "arm": "https://management.usgovcloudapi.net",
        "login": "https://login.microsoftonline.us",
        "graph": "https://graph.microsoft.us",
        "registry": "azurecr.us",
        "audience": "https://management.core.usgovcloudapi.net",
        "domain": "usgovcloudapi.net",
    },
}


@ROUTES.route("GET", "/metadata/endpoints")
async def metadata_endpoints(call: Call) -> web.Response:
    """Answer with the endpoints of the host's cloud; with a list of all clouds at old api-versions."""
    views = {name: _cloud_view(name, cloud) for name, cloud in CLOUDS.items()}
    if call.api_version < "2022":
        return answer(list(views.values()))
    own = next((name for name, cloud in CLOUDS.items() if cloud["arm"].endswith(call.host)), "AzureCloud")
    return answer(views[own])


def _cloud_view(name: str, cloud: dict[str, str]) -> dict[str, Any]:
    domain = cloud["domain"]
    return {
        "name": name,
        "portal": f"https://portal.{domain}",
        "authentication": {
            "loginEndpoint": cloud["login"],
            "audiences": [f"{cloud['audience']}/", f"{cloud['arm']}/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "media": f"https://rest.media.{domain}",
        "graphAudience": f"https://graph.{domain}/",
        "graph": f"https://graph.{domain}/",
        "microsoftGraphResourceId": f"{cloud['graph']}/",
        "batch": f"https://batch.core.{domain}/",
        "gallery": f"https://gallery.{domain}/",
        "resourceManager": f"{cloud['arm']}/",
        "sqlManagement": f"https://management.core.{domain}:8443/",
        "activeDirectoryDataLake": f"https://datalake.{domain}/",
        "logAnalyticsResourceId": f"https://api.loganalytics.{domain}",
        "vmImageAliasDoc": f"https://aliases.{domain}/aliases.json",
        "suffixes": {
            "acrLoginServer": cloud["registry"],
            "storage": f"core.{domain}",
            "keyVaultDns": f"vault.{domain}",
            "sqlServerHostname": f"database.{domain}",
        },
    }


@ROUTES.route("GET", "/tenants")
async def list_tenants(call: Call) -> web.Response:
    """List the one tenant."""
    _need_version(call)
    tenant = {
        "id": f"/tenants/{TENANT_ID}",
        "tenantId": TENANT_ID,
        "displayName": "local-azure",
        "defaultDomain": "local-azure.example",
        "tenantType": "AAD",
        "tenantCategory": "Home",
        "countryCode": "NL",
        "domains": ["local-azure.example"],
    }
    return answer({"value": [tenant]})


@ROUTES.route("GET", "/subscriptions")
async def list_subscriptions(call: Call) -> web.Response:
    """List the subscriptions in which the caller holds any role."""
    _need_version(call)
    everything = call.world.resources.select(SUBSCRIPTION_TYPE)
    mine = [one for one in everything if holds_any_role(call.world, call.caller, one.id)]
    return answer({"value": [_subscription_view(one) for one in mine], "count": {"type": "Total", "value": len(mine)}})


@ROUTES.route("GET", "/subscriptions/{subscription}")
async def get_subscription(call: Call) -> web.Response:
    """Answer with one subscription."""
    _need_version(call)
    return answer(_subscription_view(_subscription(call)))


def _subscription(call: Call) -> Resource:
    found = call.world.resources.get(f"/subscriptions/{call.params.subscription}")
    if found is None:
        raise subscription_not_found(call.params.subscription)
    return found


def _subscription_view(one: Resource) -> dict[str, Any]:
    more = {
        "subscriptionId": one.name,
        "tenantId": TENANT_ID,
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
    }
    return {"id": one.id, **more, **one.body}


@ROUTES.route("GET", "/subscriptions/{subscription}/locations")
async def list_locations(call: Call) -> web.Response:
    """List the regions of the cloud, with the zones as this subscription numbers them."""
    _need_version(call)
    subscription = _subscription(call).name
    shift = int(subscription[0], 16)
    names = locations.of_cloud(call.host)
    return answer({"value": [locations.location_view(subscription, name, shift) for name in names]})


def _namespaces() -> list[str]:
    known = {name.lower(): name for name in KNOWN}
    known |= {kind.type.partition("/")[0].lower(): kind.type.partition("/")[0] for kind in TYPES.values()}
    return sorted(known.values())


def _namespace(call: Call) -> str:
    wanted = call.params.namespace
    found = next((name for name in _namespaces() if name.lower() == wanted.lower()), None)
    if found is None:
        message = f"The resource namespace '{wanted}' is invalid."
        raise AzureError(404, "InvalidResourceNamespace", message, gateway=True)
    return found


def _provider_view(call: Call, namespace: str, state: str | None = None) -> dict[str, Any]:
    subscription = call.params.get("subscription", "")
    registered = call.world.providers.registered(subscription, namespace)
    path = f"/providers/{namespace}"
    return {
        "id": f"/subscriptions/{subscription}{path}" if subscription else path,
        "namespace": namespace,
        "resourceTypes": [_type_view(call, kind.type, kind.api_versions) for kind in _types_of(namespace)],
        "registrationState": state or ("Registered" if registered else "NotRegistered"),
        "registrationPolicy": "RegistrationRequired",
    }


def _types_of(namespace: str) -> list[Any]:
    return [kind for kind in TYPES.values() if kind.type.lower().startswith(namespace.lower() + "/")]


def _type_view(call: Call, kind: str, api_versions: tuple[str, ...]) -> dict[str, Any]:
    regions = [region for region in locations.of_cloud(call.host).items() if is_offered(call.world, kind, *region)]
    versions = (one for one in api_versions if not is_withheld(call.world.faults, kind, one))
    zoned = [{"location": region[0], "zones": ["2", "1", "3"]} for _, region in regions if region[3]]
    return {
        "resourceType": kind.partition("/")[2],
        "locations": [region[0] for _, region in regions],
        "apiVersions": sorted(versions, reverse=True),
        "zoneMappings": zoned,
        "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation",
    }


def is_offered(world: World, kind: str, name: str, region: tuple[str, str, str, bool]) -> bool:
    """Return whether a type is offered in a region, and not removed by a fault."""
    regions = TYPES[kind.lower()].regions
    return (not regions or name in regions) and not world.faults.peek("not-offered", type=kind, location=region[0])


@ROUTES.route("GET", "/providers")
@ROUTES.route("GET", "/subscriptions/{subscription}/providers")
async def list_providers(call: Call) -> web.Response:
    """List all known resource providers."""
    _need_version(call)
    return answer({"value": [_provider_view(call, namespace) for namespace in _namespaces()]})


@ROUTES.route("GET", "/providers/{namespace}")
@ROUTES.route("GET", "/subscriptions/{subscription}/providers/{namespace}")
async def get_provider(call: Call) -> web.Response:
    """Answer with one provider, with its types, their api-versions, regions and zones."""
    _need_version(call)
    return answer(_provider_view(call, _namespace(call)))


@ROUTES.route("POST", "/subscriptions/{subscription}/providers/{namespace}/register")
async def register_provider(call: Call) -> web.Response:
    """Register a provider; the answer still says `Registering`, as Azure's does."""
    _need_version(call)
    namespace = _namespace(call)
    before = call.world.providers.registered(call.params.subscription, namespace)
    call.world.providers.register(call.params.subscription, namespace)
    return answer(_provider_view(call, namespace, None if before else "Registering"))


@ROUTES.route("POST", "/subscriptions/{subscription}/providers/{namespace}/unregister")
async def unregister_provider(call: Call) -> web.Response:
    """Unregister a provider in this subscription."""
    _need_version(call)
    namespace = _namespace(call)
    call.world.providers.unregister(call.params.subscription, namespace)
    return answer(_provider_view(call, namespace, "Unregistering"))


def _need_version(call: Call) -> None:
    if not call.api_version:
        raise missing_version()
