"""Export, validate, what-if and deploy: what Azure answers, and each way in which it refuses."""

from typing import Any

import pytest

from acr_relocate.azure.resources import deployments, registries
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.core import errors
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.target.template import TargetTemplate, WebhookParameters
from local_azure.launcher import Emulator
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

PLACE = DeploymentScope(SUBSCRIPTION, GROUP, "contract-deployment")
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def template(*resources: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": parameters, "resources": list(resources)}


def registry(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "Microsoft.ContainerRegistry/registries",
        "apiVersion": "2025-11-01",
        "name": name,
        "location": "northeurope",
        "sku": {"name": "Premium"},
        **fields,
    }


def named(name: str) -> RegistryRef:
    return RegistryRef(subscription_id=SUBSCRIPTION, resource_group=GROUP, name=name)


async def test_a_resource_group_is_created_once(factory: RegistryFactory, emulator: Emulator) -> None:
    """The second time it is already there, and nothing is written."""
    await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, "contract-once", "westeurope")
    emulator.reset_stats()

    again = await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, "contract-once", "northeurope")

    assert again == "already_there"
    assert emulator.stats()["arm_writes"] == 0


async def test_a_registry_is_exported(factory: RegistryFactory) -> None:
    """The template has the registry, and what could not be exported is told beside it."""
    ref = await factory.registry()

    export = await deployments.export_template(factory.azure, ref)

    types = {resource["type"] for resource in export.template["resources"]}
    assert "Microsoft.ContainerRegistry/registries" in types
    assert all(isinstance(problem, str) for problem in export.problems)


async def test_a_good_template_is_valid_and_deployed(factory: RegistryFactory) -> None:
    """What-if announces a creation; the deployment makes it; a second what-if sees nothing to create."""
    azure = factory.azure
    await factory.registry()
    target = TargetTemplate(template=template(registry("contractdeployed", properties={"adminUserEnabled": True})))

    await deployments.validate(azure, PLACE, target)
    announced = await deployments.what_if(azure, PLACE, target)
    await deployments.deploy(azure, PLACE, target, "")

    assert announced == {named("contractdeployed").resource_id: "Create"}
    made = await registries.read_registry(azure, named("contractdeployed"))
    assert (made.location, made.properties["adminUserEnabled"]) == ("northeurope", True)
    assert "Create" not in (await deployments.what_if(azure, PLACE, target)).values()


async def test_webhooks_call_where_the_sources_do(factory: RegistryFactory) -> None:
    """The secret goes from the source to the deployment in memory; Azure's records of the deployment lack it."""
    azure, source = factory.azure, await factory.registry()
    hook = {"serviceUri": "https://hooks.example/secret", "customHeaders": {"X-Key": "k"}, "actions": ["push"]}
    path = f"{source.resource_id}/webhooks/hook1"
    await azure.arm.put(path, "2025-11-01", {"location": "westeurope", "properties": hook}, doing="Making a webhook")
    secrets = {"uri": {"type": "secureString"}, "headers": {"type": "secureObject"}}
    properties = {"serviceUri": "[parameters('uri')]", "customHeaders": "[parameters('headers')]", "actions": ["push"]}
    webhook = {
        "type": "Microsoft.ContainerRegistry/registries/webhooks",
        "apiVersion": "2025-11-01",
        "name": "contracthooked/hook1",
        "location": "northeurope",
        "properties": properties,
        "dependsOn": [named("contracthooked").resource_id],
    }
    target = TargetTemplate(
        template=template(registry("contracthooked"), webhook, **secrets),
        webhooks=(WebhookParameters(webhook="hook1", service_uri="uri", custom_headers="headers"),),
    )

    await deployments.validate(azure, PLACE, target)
    announced = await deployments.what_if(azure, PLACE, target)
    await deployments.deploy(azure, PLACE, target, source.resource_id)

    made = await registries.webhook_callback(azure, named("contracthooked").resource_id, "hook1")
    assert (made.service_uri, made.custom_headers) == ("https://hooks.example/secret", {"X-Key": "k"})
    record = await azure.arm.get(PLACE.resource_id, "2025-04-01", doing="Reading the deployment")
    assert "hooks.example" not in f"{record}{announced}"


async def test_an_undeclared_parameter_is_an_invalid_template(factory: RegistryFactory) -> None:
    """The article's own snippet: validation refuses it, and says which parameter."""
    await factory.registry()
    target = TargetTemplate(template=template(registry("[parameters('myregistry_name')]")))

    with pytest.raises(errors.InvalidTemplate, match="myregistry_name"):
        await deployments.validate(factory.azure, PLACE, target)


async def test_a_failed_resource_is_named(factory: RegistryFactory) -> None:
    """The name is taken: DeploymentFailed, or refused up front, with the registry and Azure's reason."""
    await factory.registry()
    other = DeploymentScope(SUBSCRIPTION, "contract-elsewhere", PLACE.name)
    await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, other.resource_group, "westeurope")
    taken = await factory.registry()

    with pytest.raises(errors.RelocationError) as caught:
        await deployments.deploy(factory.azure, other, TargetTemplate(template=template(registry(taken.name))), "")

    assert taken.name in str(caught.value)
    assert "already in use" in str(caught.value)
    assert isinstance(caught.value, errors.DeploymentFailed | errors.NameTaken)


async def test_one_bad_resource_among_good_ones_is_the_only_failure(factory: RegistryFactory) -> None:
    """One failure per resource that failed; the others are deployed."""
    await factory.registry()
    bad = {
        "type": "Microsoft.ContainerRegistry/registries/scopeMaps",
        "apiVersion": "2025-11-01",
        "name": "contractpartly/_repositories_pull",
        "properties": {"actions": ["repositories/*/content/read"]},
        "dependsOn": [named("contractpartly").resource_id],
    }

    target = TargetTemplate(template=template(registry("contractpartly"), bad))
    with pytest.raises(errors.DeploymentFailed) as caught:
        await deployments.deploy(factory.azure, PLACE, target, "")

    assert ["_repositories_pull" in failure.resource for failure in caught.value.failures] == [True]
    assert (await registries.read_registry(factory.azure, named("contractpartly"))).location == "northeurope"
