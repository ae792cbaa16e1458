"""The target's place and the target itself: resource group, exported template, validation, deployment."""

import time
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import deployments
from acr_relocate.azure.resources.deployments import DeploymentScope, Export
from acr_relocate.core.checks import Unknown
from acr_relocate.core.cut_over.model import ownership_tags
from acr_relocate.core.outcomes import DeployOutcome, Outcome
from acr_relocate.core.request.identity import deployment_name
from acr_relocate.core.request.relocation import RegistryRef, RelocationRequest
from acr_relocate.core.target.template import TargetTemplate
from acr_relocate.files import template_files
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="ensure-resource-group", task_run_name="ensure-resource-group-{request.target.resource_group}", **WRITE)
async def ensure_resource_group(request: RelocationRequest) -> Outcome:
    """The target's resource group exists; one that is made here says so in its tags.

    Again: one that is there is left as it is, wherever it is. On failure: nothing was changed.
    """
    group, subscription = request.target.resource_group, request.target_subscription_id
    async with azure() as connection:
        where = request.target.location
        kind = await deployments.ensure_resource_group(connection, subscription, group, where, ownership_tags(request))
        return Outcome(kind=kind, subject=group)


async def read_edited_template(request: RelocationRequest) -> dict[str, Any] | None:
    """Return the template that a person has edited, or None where the request names none: then no task runs."""
    return await read_template_file(request) if request.template else None


@task(name="read-edited-template", task_run_name="read-edited-template", cache_policy=NO_CACHE)
async def read_template_file(request: RelocationRequest) -> dict[str, Any] | None:
    """Read the template that a person has edited. Raises InvalidRequest if it is not the one of the request.

    Again: the same file, or the error. On failure: nothing was changed.
    """
    return template_files.read_template(request.template)


@task(name="export-template", task_run_name="export-template-of-{ref.name}", **READ)
async def export_template(ref: RegistryRef) -> Export:
    """The source's template as Azure exports it, with what could not be exported. Only reads.

    One that Azure refuses to export is no reason to stop: the target is made from what was read.
    """
    async with azure() as connection:
        exported = await or_unknown(deployments.export_template(connection, ref))
    return Export(template={}, problems=(exported.reason,)) if isinstance(exported, Unknown) else exported


@task(name="validate-template", task_run_name="validate-template-for-{request.target.name}", **READ)
async def validate_template(request: RelocationRequest, target: TargetTemplate) -> None:
    """Azure would accept the template. Raises InvalidTemplate, PolicyViolation, AccessDenied.

    Again: asks again. On failure: nothing was changed.
    """
    async with azure() as connection:
        await deployments.validate(connection, place(request), target)


@task(name="deploy-template", task_run_name="deploy-{request.target.name}", **WRITE)
async def deploy_template(request: RelocationRequest, target: TargetTemplate) -> DeployOutcome:
    """The target registry exists with the source's settings and children, except those held back until it is verified.

    Again: the deployment is incremental and has the same name, so what is there is confirmed and the rest made.
    On failure: what could be made is there, tagged with this plan; DeploymentFailed names each resource that is not.
    """
    where, began = place(request), time.monotonic()
    async with azure() as connection:
        await deployments.deploy(connection, where, target, request.source.resource_id)
    return DeployOutcome(
        kind="created", name=where.name, registry_id=request.target_id, seconds=time.monotonic() - began
    )


def place(request: RelocationRequest) -> DeploymentScope:
    """Where the target is deployed."""
    group, name = request.target.resource_group, deployment_name(request)
    return DeploymentScope(request.target_subscription_id, group, name, ownership_tags(request))
