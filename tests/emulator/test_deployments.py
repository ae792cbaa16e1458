"""Deployments through the real SDK: validate, what-if, create, operations, history."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import SUBSCRIPTION

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
Group = str


@pytest.fixture
def deployments(emulator: Emulator) -> Iterator[DeploymentsMgmtClient]:
    """The SDK's client, as Owner."""
    with DefaultAzureCredential() as credential, DeploymentsMgmtClient(credential, settings.SUBSCRIPTION_ID) as client:
        yield client


@pytest.fixture
def group(resources: ResourceManagementClient, group_name: str) -> Group:
    """A resource group of its own in West Europe."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    return group_name


def template(*declared: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """A template of these resources."""
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(declared), **sections}


def workspace(name: str, **more: Any) -> dict[str, Any]:
    """A resource without opinions."""
    return {"type": WORKSPACE, "apiVersion": "2023-09-01", "name": name, "location": "westeurope", **more}


def request(content: dict[str, Any], mode: str = "Incremental", **parameters: Any) -> dict[str, Any]:
    """The body of a deployment."""
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"properties": {"mode": mode, "template": content, "parameters": values}}


def refused(error: pytest.ExceptionInfo[HttpResponseError]) -> dict[str, Any]:
    """The code, the message and the details that the SDK found in an error."""
    model = error.value.error
    assert model is not None
    return {"code": model.code, "message": model.message, "details": model.details or []}


def test_a_deployment_creates_its_resources_and_answers_outputs(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """References are answered from what the same deployment has created."""
    content = template(
        workspace("first", properties={"retentionInDays": 7}),
        workspace("second", tags={"days": "[string(reference('first').retentionInDays)]"}),
        parameters={"secret": {"type": "securestring"}, "plain": {"type": "string", "defaultValue": "x"}},
        outputs={"id": {"type": "string", "value": f"[resourceId('{WORKSPACE}', 'first')]"}},
    )
    done = deployments.deployments.begin_create_or_update(group, "make", request(content, secret="hidden")).result()
    assert done.properties is not None
    assert done.properties.provisioning_state == "Succeeded"
    assert done.properties.outputs["id"]["value"].endswith(f"/{WORKSPACE}/first")
    assert done.properties.parameters == {"secret": {"type": "SecureString"}, "plain": {"type": "String", "value": "x"}}
    assert len(done.properties.output_resources or []) == 2
    listed = {one.name: one.tags for one in resources.resources.list_by_resource_group(group)}
    assert set(listed) == {"first", "second"}
    assert listed["second"] == {"days": "7"}
    assert "hidden" not in str(done.as_dict())


def test_operations_tell_what_was_done_to_which_resource(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """One operation per resource, in the order of the dependencies."""
    content = template(workspace("later", dependsOn=["sooner"]), workspace("sooner"))
    deployments.deployments.begin_create_or_update(group, "make", request(content)).result()
    found = [one.as_dict()["properties"] for one in deployments.deployment_operations.list(group, "make")]
    assert [one["targetResource"]["resourceName"] for one in found] == ["sooner", "later"]
    assert {one["statusCode"] for one in found} == {"Created"}


def test_an_undeclared_parameter_is_an_invalid_template(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """The article's own snippet: the name uses a parameter that is not declared. Nothing is written."""
    body = request(template(workspace("[parameters('myregistry_name')]")))
    for begin in (deployments.deployments.begin_validate, deployments.deployments.begin_create_or_update):
        with pytest.raises(HttpResponseError) as error:
            begin(group, "broken", body).result()
        assert refused(error)["code"] == "InvalidTemplate"
        assert "Deployment template validation failed: 'The template resource" in refused(error)["message"]
        assert "The template parameter 'myregistry_name' is not found" in refused(error)["message"]
    assert not deployments.deployments.check_existence(group, "broken")


def test_validation_writes_nothing_and_names_what_it_validated(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """A valid template: the ids it would deploy."""
    result = deployments.deployments.begin_validate(group, "check", request(template(workspace("one")))).result()
    assert result.properties is not None
    assert [one["id"].rpartition("/")[2] for one in result.as_dict()["properties"]["validatedResources"]] == ["one"]
    assert list(resources.resources.list_by_resource_group(group)) == []
    assert list(deployments.deployments.list_by_resource_group(group)) == []


def test_an_impossible_location_is_found_before_anything_is_deployed(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """InvalidTemplateDeployment with the resource's own error inside."""
    body = request(template(workspace("good"), workspace("bad", location="atlantis")))
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update(group, "make", body).result()
    assert refused(error)["code"] == "InvalidTemplateDeployment"
    assert refused(error)["details"][0].code == "LocationNotAvailableForResourceType"
    assert list(resources.resources.list_by_resource_group(group)) == []


def test_a_failed_resource_fails_the_deployment_and_stops_what_waits_for_it(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """The other resources are there; the error and the operation say why the one is not."""
    orphan = {"type": f"{WORKSPACE}/tables", "apiVersion": "2023-09-01", "name": "absent/table"}
    body = request(template(workspace("independent"), orphan, workspace("waiting", dependsOn=["absent/table"])))
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update(group, "make", body).result()
    assert refused(error)["code"] == "DeploymentFailed"
    assert [one.code for one in refused(error)["details"]] == ["ParentResourceNotFound"]
    assert [one.name for one in resources.resources.list_by_resource_group(group)] == ["independent"]
    found = [one.as_dict()["properties"] for one in deployments.deployment_operations.list(group, "make")]
    failed = next(one for one in found if one["provisioningState"] == "Failed")
    assert failed["statusCode"] == "NotFound"
    assert failed["statusMessage"]["error"]["code"] == "ParentResourceNotFound"
    assert deployments.deployments.get(group, "make").as_dict()["properties"]["error"]["code"] == "DeploymentFailed"


def test_a_resource_that_fails_in_its_turn_had_been_accepted(
    emulator: Emulator, deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """Validation sees nothing of it; the others are there, and deployed again all of them are."""
    emulator.arm_fault("resource-fails", resource="unlucky")
    body = request(template(workspace("lucky"), workspace("unlucky")))
    deployments.deployments.begin_validate(group, "make", body).result()
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update(group, "make", body).result()
    assert [one.code for one in refused(error)["details"]] == ["QuotaExceeded"]
    assert [one.name for one in resources.resources.list_by_resource_group(group)] == ["lucky"]
    deployments.deployments.begin_create_or_update(group, "make", body).result()
    assert len(list(resources.resources.list_by_resource_group(group))) == 2


def test_what_if_tells_create_modify_no_change_and_ignore(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """Changes with their deltas; what the template does not mention is ignored."""
    before = template(*(workspace(name, tags={"env": "prod"}) for name in ("same", "other", "retagged")))
    deployments.deployments.begin_create_or_update(group, "make", request(before)).result()
    after = template(
        workspace("same", tags={"env": "prod"}), workspace("retagged", tags={"env": "test"}), workspace("new")
    )
    result = deployments.deployments.begin_what_if(group, "make", request(after)).result().as_dict()
    changes = {one["resourceId"].rpartition("/")[2]: one for one in result["properties"]["changes"]}
    assert {name: one["changeType"] for name, one in changes.items()} == {
        "same": "NoChange",
        "other": "Ignore",
        "retagged": "Modify",
        "new": "Create",
    }
    delta = {"path": "tags.env", "propertyChangeType": "Modify", "before": "prod", "after": "test"}
    assert changes["retagged"]["delta"] == [delta]


def test_complete_mode_deletes_what_the_template_does_not_have(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """Only what was deployed last is left."""
    first, second = template(workspace("old")), template(workspace("new"))
    deployments.deployments.begin_create_or_update(group, "make", request(first)).result()
    deployments.deployments.begin_create_or_update(group, "make", request(second, "Complete")).result()
    assert [one.name for one in resources.resources.list_by_resource_group(group)] == ["new"]


def test_complete_mode_meets_the_home_replication(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """The replication that every Premium registry has by itself is in no template, and cannot be deleted."""
    registry = {
        "type": "Microsoft.ContainerRegistry/registries",
        "apiVersion": "2025-11-01",
        "name": f"complete{group.replace('-', '')}",
        "location": "westeurope",
        "sku": {"name": "Premium"},
    }
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update(group, "make", request(template(registry), "Complete")).result()
    assert [one.code for one in refused(error)["details"]] == ["HomeReplicationCannotBeDeleted"]


def test_nested_deployments_have_a_history_of_their_own(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group: Group
) -> None:
    """An inner-scoped template deploys to another group, and its outputs can be referred to."""
    other = f"{group}-other"
    resources.resource_groups.create_or_update(other, {"location": "northeurope"})
    inner = template(
        workspace("[parameters('name')]", location="[resourceGroup().location]"),
        parameters={"name": {"type": "string"}},
        outputs={"where": {"type": "string", "value": "[resourceGroup().location]"}},
    )
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2025-04-01",
        "name": "inner",
        "resourceGroup": other,
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": inner,
            "parameters": {"name": {"value": "[concat('n', 'ested')]"}},
        },
    }
    outputs = {"where": {"type": "string", "value": "[reference('inner').outputs.where.value]"}}
    done = deployments.deployments.begin_create_or_update(group, "outer", request(template(nested, outputs=outputs)))
    assert done.result().as_dict()["properties"]["outputs"]["where"]["value"] == "northeurope"
    assert [one.name for one in resources.resources.list_by_resource_group(other)] == ["nested"]
    assert [one.name for one in deployments.deployments.list_by_resource_group(other)] == ["inner"]


def test_a_failure_inside_a_nested_deployment_comes_out_with_its_details(
    deployments: DeploymentsMgmtClient, group: Group
) -> None:
    """DeploymentFailed inside DeploymentFailed, the reason innermost."""
    orphan = {"type": f"{WORKSPACE}/tables", "apiVersion": "2023-09-01", "name": "absent/table"}
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2025-04-01",
        "name": "inner",
        "properties": {"mode": "Incremental", "template": template(orphan)},
    }
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update(group, "outer", request(template(nested))).result()
    inner = refused(error)["details"][0]
    assert inner.code == "DeploymentFailed"
    assert inner.details[0].code == "ParentResourceNotFound"


def test_a_subscription_deployment_makes_groups(
    deployments: DeploymentsMgmtClient, resources: ResourceManagementClient, group_name: str
) -> None:
    """At subscription scope a location is required, and resource groups are resources like others."""
    made = {
        "type": "Microsoft.Resources/resourceGroups",
        "apiVersion": "2024-11-01",
        "name": group_name,
        "location": "northeurope",
    }
    body = request(template(made)) | {"location": "westeurope"}
    deployments.deployments.begin_create_or_update_at_subscription_scope(group_name, body).result()
    assert resources.resource_groups.get(group_name).location == "northeurope"
    with pytest.raises(HttpResponseError) as error:
        deployments.deployments.begin_create_or_update_at_subscription_scope("x", request(template(made)))
    assert refused(error)["code"] == "LocationRequired"


def test_the_history_can_be_read_exported_and_cleared(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """List, get, check, export, delete; what was deployed stays."""
    content = template(workspace("kept"))
    deployments.deployments.begin_create_or_update(group, "make", request(content)).result()
    assert [one.name for one in deployments.deployments.list_by_resource_group(group)] == ["make"]
    assert list(deployments.deployments.list_by_resource_group(group, filter="provisioningState eq 'Failed'")) == []
    assert deployments.deployments.export_template(group, "make").template == content
    with pytest.raises(HttpResponseError, match="DeploymentCannotBeCancelled"):
        deployments.deployments.cancel(group, "make")
    deployments.deployments.begin_delete(group, "make").result()
    with pytest.raises(ResourceNotFoundError) as error:
        deployments.deployments.get(group, "make")
    assert refused(error)["code"] == "DeploymentNotFound"


def test_a_body_that_is_not_quite_json_is_read_as_azure_does(
    resources: ResourceManagementClient, deployments: DeploymentsMgmtClient, group: Group
) -> None:
    """The Azure CLI pastes the template as it is, with comments, beside an unquoted key."""
    pasted = '{"properties": {"mode": "Incremental", template: {"$schema": "x", /* old */ "contentVersion": "1.0.0.0",'
    pasted += '\n // none yet\n "resources": [] }, }}'
    path = f"{SUBSCRIPTION}/resourcegroups/{group}/providers/Microsoft.Resources/deployments/cli?api-version=2025-04-01"
    put = HttpRequest("PUT", path, content=pasted, headers={"Content-Type": "application/json"})
    assert resources.send_request(put).status_code == 201
    assert deployments.deployments.get(group, "cli").as_dict()["properties"]["provisioningState"] == "Succeeded"


def test_whoever_may_not_write_cannot_deploy(emulator: Emulator, group: Group) -> None:
    """A reader is refused before anything happens."""
    reader = ClientSecretCredential(settings.TENANT_ID, settings.READER_CLIENT_ID, settings.READER_SECRET)
    with (
        reader,
        DeploymentsMgmtClient(reader, settings.SUBSCRIPTION_ID) as client,
        pytest.raises(HttpResponseError) as error,
    ):
        client.deployments.begin_create_or_update(group, "make", request(template(workspace("one"))))
    assert error.value.status_code == 403


def test_a_held_deployment_is_running_until_it_is_released(start_emulator: Any, use_emulator: Any) -> None:
    """201, then Running; a second deployment of the name is refused; then it goes on."""
    held = use_emulator(start_emulator(operations="held"))
    with DefaultAzureCredential() as credential:
        with ResourceManagementClient(credential, settings.SUBSCRIPTION_ID) as resources:
            resources.resource_groups.create_or_update("held", {"location": "westeurope"})
        with DeploymentsMgmtClient(credential, settings.SUBSCRIPTION_ID, polling_interval=0) as client:
            poller = client.deployments.begin_create_or_update("held", "make", request(template(workspace("one"))))
            assert not poller.done()
            with pytest.raises(HttpResponseError, match="DeploymentActive"):
                client.deployments.begin_create_or_update("held", "make", request(template(workspace("one"))))
            while not poller.done():
                held.release()
                poller.wait(0.1)
            assert poller.result().as_dict()["properties"]["provisioningState"] == "Succeeded"


def test_what_a_deployment_has_made_it_would_not_change(deployments: DeploymentsMgmtClient, group: Group) -> None:
    """Values that Azure fills in are no difference; a tag that the template has no more is one."""
    registry = {
        "type": "Microsoft.ContainerRegistry/registries",
        "apiVersion": "2025-11-01",
        "name": f"same{group.replace('-', '')}",
        "location": "West Europe",
        "sku": {"name": "Premium"},
        "tags": {"a": "1", "b": "2"},
    }
    deployments.deployments.begin_create_or_update(group, "make", request(template(registry))).result()
    for tags, expected in (({"a": "1", "b": "2"}, "NoChange"), ({"a": "1"}, "Modify")):
        body = request(template(registry | {"tags": tags}))
        found = deployments.deployments.begin_what_if(group, "make", body).result().as_dict()["properties"]["changes"]
        assert [one["changeType"] for one in found if one["resourceId"].endswith(registry["name"])] == [expected]
