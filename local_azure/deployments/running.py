"""A deployment at work: resources in the order of their dependencies, independent ones at the same time."""

import asyncio
from typing import TYPE_CHECKING, Any

from local_azure.arm.authorization import action_of, authorize, guard
from local_azure.arm.resource_pipeline import put_resource, remove, show
from local_azure.deployments.preflight import Checked, active, check, nested_request
from local_azure.deployments.records import add_operation, close_record, open_record
from local_azure.deployments.request import TYPE, InvalidTemplate, in_scope
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, JsonObject
from local_azure.state.store import Resource, parse_id
from local_azure.template import Planned, TemplateError

if TYPE_CHECKING:
    from local_azure.state.world import World


class Run:
    """One deployment from `Accepted` to its end."""

    def __init__(self, world: "World", principal: Principal, checked: Checked, record: Resource) -> None:
        self.world, self.principal, self.checked, self.record = world, principal, checked, record
        self.planned = {resource.key: resource for resource in checked.expansion.resources}
        self.names = {name: one for one in self.planned.values() for name in (one.symbol.lower(), one.name.lower())}
        self.tasks: dict[str, asyncio.Task[bool]] = {}
        self.errors: dict[str, AzureError] = {}

    async def complete(self) -> None:
        """Deploy everything. Raises AzureError DeploymentFailed with one detail per failed resource."""
        if self.record.properties["provisioningState"] != "Canceled":
            self.record.properties["provisioningState"] = "Running"
        for resource in active(self.checked.expansion):
            self._register(resource)
            self.tasks[resource.key] = asyncio.create_task(self._in_turn(resource))
        await asyncio.gather(*self.tasks.values())
        if self.checked.request.mode == "Complete" and not self.errors:
            await self._remove_the_rest()
        self._finish()

    def _register(self, resource: Planned) -> None:
        """Register the resource providers that a deployment needs."""
        parsed = parse_id(resource.id)
        self.world.providers.register(parsed.subscription, parsed.namespace)

    async def _in_turn(self, resource: Planned) -> bool:
        """Deploy after the dependencies; return False if one of them or the resource failed, or it was cancelled."""
        waited = [self.tasks[key] for key in resource.dependencies if key in self.tasks]
        if not all(await asyncio.gather(*waited)) or self.record.properties["provisioningState"] == "Canceled":
            return False
        created, started = self.world.resources.get(resource.id) is None, self.world.clock.now()
        try:
            await self._deploy(resource)
        except AzureError as error:
            self.errors[resource.key] = error
        failed = self.errors.get(resource.key)
        add_operation(self.world, self.record, resource.id, failed, created=created, started=started)
        return resource.key not in self.errors

    async def _deploy(self, resource: Planned) -> None:
        if self.world.faults.take("resource-fails", type=resource.type, resource=resource.name):
            raise out_of_quota(resource)
        try:
            body = resource.body(self.lookup)
        except TemplateError as refused:
            raise InvalidTemplate(refused) from refused
        if resource.is_deployment:
            await deploy_nested(self.world, self.principal, resource, body, self.record.properties["correlationId"])
        else:
            await put_resource(self.world, self.principal, resource.id, resource.api_version, body)

    def lookup(self, target: str, api_version: str | None, full: bool) -> Any:  # noqa: FBT001 - called by position only
        """Return the answer of `reference`: the properties of a resource, or all of it."""
        planned = self.planned.get("/" + target.strip("/").lower()) or self.names.get(target.lower())
        resource_id = planned.id if planned else target
        version = api_version or (planned.api_version if planned else "")
        if not version:
            raise TemplateError(
                f"The resource '{target}' is not defined in the template, and the api-version is missing."
            )
        authorize(self.world, self.principal, *action_of("GET", resource_id))
        resource = self.world.resources.require(resource_id)
        view = show(self.world, resource, version)
        return {**view, "apiVersion": version, "resourceId": resource.id} if full else view.get("properties", {})

    async def _remove_the_rest(self) -> None:
        """Delete resources with a location that the template does not declare, as Complete mode does."""
        for resource in in_scope(self.world, self.checked.request.scope):
            declared = (
                resource.id.lower() in self.planned
                or resource.type == TYPE
                or resource.id == self.checked.request.scope
            )
            if declared or not resource.location or self.world.resources.get(resource.id) is None:
                continue
            try:
                guard(self.world, self.principal, "DELETE", resource.id)
                await remove(self.world, resource)
            except AzureError as error:
                self.errors[resource.id.lower()] = error
            add_operation(
                self.world, self.record, resource.id, self.errors.get(resource.id.lower()), kind="Delete", created=False
            )

    def _finish(self) -> None:
        if self.record.properties["provisioningState"] == "Canceled":
            close_record(self.world, self.record, "Canceled")
            raise AzureError(409, "DeploymentCanceled", "The deployment was canceled.", gateway=True)
        failure = self._failure() or self._outputs()
        if failure is not None:
            close_record(self.world, self.record, "Failed", error=failure.error)
            raise failure
        ids = sorted((one.id for one in active(self.checked.expansion)), key=str.lower)
        close_record(self.world, self.record, "Succeeded", outputResources=[{"id": one} for one in ids])

    def _failure(self) -> AzureError | None:
        details = [error.error | {"target": self._id(key)} for key, error in self.errors.items()]
        return deployment_failed(details, self.record.id) if details else None

    def _id(self, key: str) -> str:
        return self.planned[key].id if key in self.planned else key

    def _outputs(self) -> AzureError | None:
        try:
            outputs = self.checked.expansion.outputs(self.lookup)
        except (TemplateError, AzureError) as error:
            name = error.path if isinstance(error, TemplateError) else ""
            message = f"The template output '{name}' is not valid: {error.message}."
            wrong = {"code": "DeploymentOutputEvaluationFailed", "target": name, "message": message}
            return deployment_failed([wrong], self.record.id)
        if outputs:
            self.record.properties["outputs"] = outputs
            add_operation(self.world, self.record, "", None, kind="EvaluateDeploymentOutput", created=False)
        return None


def out_of_quota(resource: Planned) -> AzureError:
    """Return the error that validation does not find, because nothing has been counted yet.

    Source: learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota, QuotaExceeded.
    """
    return AzureError(409, "QuotaExceeded", f"Operation results in exceeding quota limits of {resource.type}.")


def deployment_failed(details: list[JsonObject], target: str) -> AzureError:
    """Return the error of every failed deployment; the details have the reasons."""
    return AzureError(
        409,
        "DeploymentFailed",
        "At least one resource deployment operation failed. Please list deployment operations for details. Please see "
        "https://aka.ms/arm-deployment-operations for usage details.",
        details=details,
        target=target,
        gateway=True,
    )


async def deploy_nested(
    world: "World", principal: Principal, resource: Planned, body: JsonObject, correlation_id: str
) -> None:
    """Deploy a nested deployment, from its checks to its end. Raises AzureError."""
    world.resources.require(resource.group)
    guard(world, principal, "PUT", resource.id)
    checked = await check(world, principal, nested_request(resource, body))
    record = open_record(world, checked, correlation_id)
    await Run(world, principal, checked, record).complete()
