"""exportTemplate through the real SDK: what it holds, what it loses, and when it fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import SUBSCRIPTION, Send

ACR = "Microsoft.ContainerRegistry/registries"
Export = Callable[..., dict[str, Any]]


@pytest.fixture
def export(resources: ResourceManagementClient, group_name: str) -> Export:
    """The export of everything in the test's own group, or of some resources, with some options."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})

    def run(options: str = "IncludeParameterDefaultValue", *ids: str) -> dict[str, Any]:
        body = {"resources": list(ids) or ["*"], "options": options}
        result: dict[str, Any] = resources.resource_groups.begin_export_template(group_name, body).result().as_dict()
        return result

    return run


@pytest.fixture
def registry(send: Send, export: Export, group_name: str) -> str:
    """The id of a Premium registry with a network rule, a webhook, a scope map and a token with the map."""
    registry_id = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/{ACR}/{group_name.replace('-', '')}"
    network = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Microsoft.Network/virtualNetworks/vnet"
    subnets = [{"name": "apps", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    put(send, network, {"location": "westeurope", "properties": space}, "2024-05-01")
    rules = [{"virtualNetworkSubnetResourceId": f"{network}/subnets/apps", "action": "Allow"}]
    properties = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": rules}}
    body = {"location": "westeurope", "sku": {"name": "Premium"}, "properties": properties}
    put(send, registry_id, body, "2026-03-01-preview")
    hook = {"serviceUri": "https://hook.example.com/secret", "actions": ["push"]}
    put(send, f"{registry_id}/webhooks/deploy", {"location": "westeurope", "properties": hook})
    put(send, f"{registry_id}/scopeMaps/pullall", {"properties": {"actions": ["repositories/a/content/read"]}})
    put(send, f"{registry_id}/tokens/edge1", {"properties": {"scopeMapId": f"{registry_id}/scopeMaps/pullall"}})
    return registry_id


def put(send: Send, resource_id: str, body: dict[str, Any], api_version: str = "2025-11-01") -> None:
    """A resource that must be accepted."""
    response = send("PUT", resource_id, api_version, body)
    assert response.status_code in (200, 201), response.text()


def by_name(exported: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The exported resources of a type, by the name in the template."""
    return {one["name"]: one for one in exported["template"]["resources"] if one["type"] == kind}


def test_the_registry_is_named_by_a_parameter_and_holds_its_children(export: Export, registry: str) -> None:
    """Names, ids and dependencies are expressions over one parameter with the name as default."""
    name = registry.rpartition("/")[2]
    parameter = f"registries_{name}_name"
    exported = export("IncludeParameterDefaultValue", registry)
    assert exported["template"]["parameters"][parameter] == {"defaultValue": name, "type": "String"}
    assert set(by_name(exported, ACR)) == {f"[parameters('{parameter}')]"}
    token = by_name(exported, f"{ACR}/tokens")[f"[concat(parameters('{parameter}'), '/edge1')]"]
    scope_map = f"[resourceId('{ACR}/scopeMaps', parameters('{parameter}'), 'pullall')]"
    assert token["properties"]["scopeMapId"] == scope_map
    assert token["dependsOn"] == [f"[resourceId('{ACR}', parameters('{parameter}'))]", scope_map]
    assert {one["apiVersion"] for one in exported["template"]["resources"]} == {"2026-11-01"}
    assert "error" not in exported


def test_the_export_has_the_flaws_of_the_real_one(export: Export, registry: str) -> None:
    """System scope maps, the home replication and read-only values are in it; soft delete, a preview, is not."""
    exported = export("SkipResourceNameParameterization", registry)
    name = registry.rpartition("/")[2]
    assert f"{name}/_repositories_admin" in by_name(exported, f"{ACR}/scopeMaps")
    assert f"{name}/westeurope" in by_name(exported, f"{ACR}/replications")
    own = by_name(exported, ACR)[name]
    rules = own["properties"]["networkRuleSet"]
    assert rules.items() >= {"defaultAction": "Deny", "ipRules": []}.items()
    assert "subnets/apps" in rules["virtualNetworkRules"][0]["virtualNetworkSubnetResourceId"]
    assert "softDeletePolicy" not in own["properties"]["policies"]
    assert own["sku"] == {"name": "Premium", "tier": "Premium"}
    assert "lastUpdatedTime" in own["properties"]["policies"]["retentionPolicy"]
    assert not {"loginServer", "provisioningState", "creationDate", "privateEndpointConnections"} & set(
        own["properties"]
    )


def test_secrets_are_parameters_without_a_value(export: Export, registry: str) -> None:
    """The webhook's address is a SecureString whose default is null; deployed as it is, the template is refused."""
    exported = export("IncludeParameterDefaultValue,SkipResourceNameParameterization", registry)
    parameters = exported["template"]["parameters"]
    assert parameters.keys() == {"webhooks_deploy_serviceUri", "virtualNetworks_vnet_externalid"}
    assert parameters["webhooks_deploy_serviceUri"] == {"defaultValue": None, "type": "SecureString"}
    assert "hook.example.com" not in str(exported)


def test_parameter_values_and_comments_are_options(export: Export, registry: str) -> None:
    """Without options a parameter has no default."""
    name = registry.rpartition("/")[2]
    exported = export("IncludeComments", registry)
    assert exported["template"]["parameters"][f"registries_{name}_name"] == {"type": "String"}
    assert exported["template"]["resources"][0]["comments"] == f"Generalized from resource: '{registry}'."


def test_ids_outside_the_export_become_parameters_unless_all_parameters_are_skipped(
    export: Export, send: Send, registry: str, group_name: str
) -> None:
    """A private endpoint that is exported alone refers to its registry by an external id."""
    base = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Microsoft.Network"
    link = {"name": "link", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
    subnet = {"id": f"{base}/virtualNetworks/vnet/subnets/apps"}
    properties = {"subnet": subnet, "privateLinkServiceConnections": [link]}
    endpoint = f"{base}/privateEndpoints/pe"
    put(send, endpoint, {"location": "westeurope", "properties": properties}, "2024-05-01")
    exported = export("IncludeParameterDefaultValue", endpoint)
    parameter = f"registries_{registry.rpartition('/')[2]}_externalid"
    assert exported["template"]["parameters"][parameter]["defaultValue"] == registry
    own = exported["template"]["resources"][0]["properties"]
    assert own["subnet"]["id"] == "[concat(parameters('virtualNetworks_vnet_externalid'), '/subnets/apps')]"
    literal = export("SkipAllParameterization", endpoint)
    assert literal["template"]["parameters"] == {}
    assert literal["template"]["resources"][0]["properties"]["subnet"] == subnet
    connections = by_name(export("SkipAllParameterization", registry), f"{ACR}/privateEndpointConnections")
    assert [one["properties"]["privateEndpoint"] for one in connections.values()] == [{}]


def test_tasks_and_extension_resources_are_not_exported(export: Export, send: Send, registry: str) -> None:
    """Locks, diagnostic settings, role assignments and the tasks family have to be read in other ways."""
    lock = f"{registry}/providers/Microsoft.Authorization/locks/keep"
    put(send, lock, {"properties": {"level": "CanNotDelete"}}, "2020-05-01")
    task = {"location": "westeurope", "properties": {"step": {"type": "EncodedTask", "encodedTaskContent": "eA=="}}}
    put(send, f"{registry}/tasks/purge", task, "2019-06-01-preview")
    types = {one["type"] for one in export()["template"]["resources"]}
    assert ACR in types
    assert not {one for one in types if one.startswith("Microsoft.Authorization") or one.endswith("/tasks")}


def test_a_type_without_a_schema_makes_the_export_incomplete(export: Export, send: Send, group_name: str) -> None:
    """HTTP 200, and an error that must not be overlooked."""
    odd = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Contoso.Odd/things/one"
    put(send, odd, {"location": "westeurope"}, "2024-01-01")
    exported = export()
    assert exported["error"]["code"] == "ExportTemplateCompletedWithErrors"
    assert [one["code"] for one in exported["error"]["details"]] == ["ResourceTypeSchemaNotFound"]
    assert exported["template"]["resources"] == []


def test_a_provider_that_fails_makes_the_export_incomplete(emulator: Emulator, export: Export, registry: str) -> None:
    """The named fault: the webhooks cannot be read, the rest is exported."""
    emulator.arm_fault("export-incomplete", type="webhooks")
    exported = export("", registry)
    assert exported["error"]["details"][0]["code"] == "ExportTemplateProviderError"
    assert exported["error"]["details"][0]["target"] == f"{ACR}/webhooks"
    assert by_name(exported, f"{ACR}/webhooks") == {}
    assert by_name(exported, f"{ACR}/tokens")
    assert "error" not in export("", registry)


def test_an_id_that_is_not_in_the_group_makes_the_export_incomplete(export: Export, group_name: str) -> None:
    """The id is named."""
    missing = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/{ACR}/absent"
    assert export("", missing)["error"]["details"][0]["code"] == "ExportTemplateInvalidResource"


@pytest.fixture
def deployments(emulator: Emulator) -> Iterator[DeploymentsMgmtClient]:
    """The SDK's client, as Owner."""
    with DefaultAzureCredential() as credential, DeploymentsMgmtClient(credential, settings.SUBSCRIPTION_ID) as client:
        yield client


def test_a_group_of_more_than_200_resources_cannot_be_exported(
    export: Export, deployments: DeploymentsMgmtClient, group_name: str
) -> None:
    """409 for all of it; single resources still can be exported."""
    kind = "Microsoft.OperationalInsights/workspaces"
    loop = {"name": "many", "count": 201}
    workspace = {"type": kind, "apiVersion": "2023-09-01", "name": "[concat('w', copyIndex())]", "copy": loop}
    content = {"$schema": "x", "contentVersion": "1.0.0.0", "resources": [workspace | {"location": "westeurope"}]}
    body = {"properties": {"mode": "Incremental", "template": content}}
    deployments.deployments.begin_create_or_update(group_name, "many", body).result()
    with pytest.raises(HttpResponseError, match="more than '200' resources") as error:
        export()
    assert error.value.status_code == 409
    assert (
        len(export("", f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/{kind}/w7")["template"]["resources"]) == 1
    )


def test_an_export_that_is_cleaned_up_deploys_elsewhere(
    export: Export,
    registry: str,
    resources: ResourceManagementClient,
    deployments: DeploymentsMgmtClient,
    group_name: str,
) -> None:
    """Without undeployable parts, with another name, other locations and the secret, the registry is recreated."""
    target = f"{group_name}-north"
    resources.resource_groups.create_or_update(target, {"location": "northeurope"})
    content = export("IncludeParameterDefaultValue", registry)["template"]
    kept = [one for one in content["resources"] if "_repositories_" not in one["name"]]
    content["resources"] = [
        one for one in kept if not one["type"].endswith(("replications", "privateEndpointConnections"))
    ]
    for one in content["resources"]:
        one.update({"location": "northeurope"} if "location" in one else {})
    parameters = {
        f"registries_{registry.rpartition('/')[2]}_name": {"value": f"{registry.rpartition('/')[2]}north"},
        "webhooks_deploy_serviceUri": {"value": "https://hook.example.com/new"},
    }
    body = {"properties": {"mode": "Incremental", "template": content, "parameters": parameters}}
    done = deployments.deployments.begin_create_or_update(target, "relocate", body).result()
    assert done.as_dict()["properties"]["provisioningState"] == "Succeeded"
    made = list(resources.resources.list_by_resource_group(target, filter=f"resourceType eq '{ACR}'"))
    assert [(one.name, one.location) for one in made] == [(f"{registry.rpartition('/')[2]}north", "northeurope")]


def test_an_export_deployed_as_it_is_meets_the_flaws(
    export: Export,
    registry: str,
    resources: ResourceManagementClient,
    deployments: DeploymentsMgmtClient,
    group_name: str,
) -> None:
    """The taken name is found before anything happens; with a free one the system scope maps fail."""
    target = f"{group_name}-naive"
    resources.resource_groups.create_or_update(target, {"location": "northeurope"})
    content = export("IncludeParameterDefaultValue", registry)["template"]
    secret = {"webhooks_deploy_serviceUri": {"value": "https://hook.example.com/new"}}
    body = {"properties": {"mode": "Incremental", "template": content, "parameters": secret}}
    with pytest.raises(HttpResponseError, match="InvalidTemplateDeployment") as error:
        deployments.deployments.begin_validate(target, "naive", body).result()
    assert error.value.error is not None
    assert [one.code for one in error.value.error.details or []] == ["RegistryNameAlreadyInUse"]
    secret[f"registries_{registry.rpartition('/')[2]}_name"] = {"value": f"{registry.rpartition('/')[2]}naive"}
    with pytest.raises(HttpResponseError, match="DeploymentFailed") as error:
        deployments.deployments.begin_create_or_update(target, "naive", body).result()
    assert error.value.error is not None
    assert "ResourceNameWithHyphenInvalid" in {one.code for one in error.value.error.details or []}
