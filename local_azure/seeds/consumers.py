"""The consumers of the demo registry besides its cluster: apps, jobs, a workspace, a pool, a pipeline, its events."""

from typing import Any, Final

from local_azure.seeds.insert import GROUP, LOCATION, REGISTRY, group_id, put
from local_azure.state.settings import SUBSCRIPTION_ID
from local_azure.state.store import Resource
from local_azure.state.world import World

APPS: Final = "contoso-apps"
DATA: Final = "contoso-data"
SERVER: Final = f"{REGISTRY}.azurecr.io"
ANY: Final = "2024-01-01"  # these types take every api-version
SYSTEM: Final = {"type": "SystemAssigned"}


def plant(world: World, registry: Resource) -> None:
    """Plant all consumers, and their access to the registry."""
    for group in (APPS, DATA):
        world.add_group(group, LOCATION)
    _container_apps(world, registry)
    _sites(world, registry)
    _container_group(world)
    _data_platform(world, registry)
    _build_pipeline(world, registry)
    _events(world, registry)
    _policy(world)


def _place(world: World, group: str, of_type: str, name: str, properties: dict[str, Any], **fields: Any) -> Resource:
    body = {"location": LOCATION, "tags": {"env": "prod"}, "properties": properties} | fields
    return put(world, f"{group_id(group)}/providers/{of_type}/{name}", body, ANY)


def _container_apps(world: World, registry: Resource) -> None:
    """Plant an app and a nightly job, both pulling with their own identity."""
    environment = _place(world, APPS, "Microsoft.App/managedEnvironments", "contoso-env", {})
    credentials = [{"server": SERVER, "identity": "system"}]
    for kind, name, image in (
        ("containerApps", "contoso-storefront", "contoso/shop/frontend:1.4"),
        ("jobs", "contoso-nightly-report", "contoso/data/reporting:1.1"),
    ):
        app = _place(
            world,
            APPS,
            f"Microsoft.App/{kind}",
            name,
            {
                "environmentId": environment.id,
                "configuration": {"registries": credentials},
                "template": {"containers": [{"name": "main", "image": f"{SERVER}/{image}"}]},
            },
            identity=dict(SYSTEM),
        )
        world.assign(str(app.hidden["principalId"]), "AcrPull", registry.id)


def _sites(world: World, registry: Resource) -> None:
    """Plant a web app with a slot and a function, which pull with their identities, and one with the admin's password.

    The slot has the same image as its app and settings of its own.
    """
    plan = _place(world, APPS, "Microsoft.Web/serverfarms", "contoso-plan", {}, sku={"name": "P1v3"})
    portal = {"linuxFxVersion": f"DOCKER|{SERVER}/contoso/identity/login:1.2", "acrUseManagedIdentityCreds": True}
    invoices = {"linuxFxVersion": f"DOCKER|{SERVER}/contoso/data/ingest:1.2", "acrUseManagedIdentityCreds": True}
    resize = {"linuxFxVersion": f"DOCKER|{SERVER}/contoso/shop/catalog:1.2", "acrUseManagedIdentityCreds": False}
    for name, kind, config in (
        ("sites/contoso-portal", "app", portal),
        ("sites/contoso-portal/slots/staging", "app", portal),
        ("sites/contoso-invoices", "functionapp", invoices),
        ("sites/contoso-resize", "functionapp", resize),
    ):
        identity = {"identity": dict(SYSTEM)} if config["acrUseManagedIdentityCreds"] else {}
        own = {"serverFarmId": plan.id, "siteConfig": dict(config)}
        site = _place(world, APPS, "Microsoft.Web", name, own, kind=f"{kind},linux,container", **identity)
        if identity:
            world.assign(str(site.hidden["principalId"]), "AcrPull", registry.id)
            settings = {"LOG_LEVEL": "info", "DOCKER_REGISTRY_SERVER_URL": f"https://{SERVER}"}
            put(world, f"{site.id}/config/appsettings", {"properties": settings}, ANY)


def _container_group(world: World) -> None:
    """Plant a container group; its password is never shown."""
    container = {"name": "smoke", "properties": {"image": f"{SERVER}/platform/gateway:latest"}}
    properties = {
        "osType": "Linux",
        "containers": [container],
        "imageRegistryCredentials": [{"server": SERVER, "username": REGISTRY}],
    }
    _place(world, APPS, "Microsoft.ContainerInstance/containerGroups", "contoso-smoke-test", properties)


def _data_platform(world: World, registry: Resource) -> None:
    """Plant a Machine Learning workspace with its environments in the registry, and a Batch pool that pulls."""
    _place(
        world,
        DATA,
        "Microsoft.MachineLearningServices/workspaces",
        "contoso-forecast",
        {"containerRegistry": registry.id, "friendlyName": "Forecast"},
    )
    account = _place(world, DATA, "Microsoft.Batch/batchAccounts", "contosobatch", {})
    containers = {
        "type": "DockerCompatible",
        "containerImageNames": [f"{SERVER}/contoso/data/ingest:1.2"],
        "containerRegistries": [{"registryServer": SERVER}],
    }
    machine = {"virtualMachineConfiguration": {"containerConfiguration": containers}}
    pool = {"vmSize": "STANDARD_D4S_V5", "deploymentConfiguration": machine}
    put(world, f"{account.id}/pools/ingest", {"properties": pool}, ANY)


def _build_pipeline(world: World, registry: Resource) -> None:
    """Plant the pipeline that pushes: an application, not a resource."""
    world.assign(world.directory.add_identity("contoso-build", world.guid(), world.guid()), "AcrPush", registry.id)


def _events(world: World, registry: Resource) -> None:
    """Plant a system topic, and a queue that receives every push event."""
    storage = _place(
        world, DATA, "Microsoft.Storage/storageAccounts", "contosoevents", {}, sku={"name": "Standard_LRS"}
    )
    topic = _place(
        world,
        GROUP,
        "Microsoft.EventGrid/systemTopics",
        "contoso-acr-events",
        {"source": registry.id, "topicType": "Microsoft.ContainerRegistry.Registries"},
    )
    subscription = {
        "destination": {
            "endpointType": "StorageQueue",
            "properties": {"resourceId": storage.id, "queueName": "pushes"},
        },
        "filter": {"includedEventTypes": ["Microsoft.ContainerRegistry.ImagePushed"]},
        "eventDeliverySchema": "EventGridSchema",
    }
    put(world, f"{topic.id}/eventSubscriptions/scan-on-push", {"properties": subscription}, ANY)


def _policy(world: World) -> None:
    """Plant a policy that audits registries open to the internet."""
    # "Container registries should not allow unrestricted network access", a built-in definition.
    definition = "/providers/Microsoft.Authorization/policyDefinitions/d0793b48-0edc-4296-a390-4c75d1bdfd71"
    properties = {
        "displayName": "Registries should not allow unrestricted network access",
        "policyDefinitionId": definition,
        "enforcementMode": "Default",
    }
    path = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/policyAssignments/restrict-registries"
    put(world, path, {"properties": properties}, ANY)
