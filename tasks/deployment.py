"""The target: resource group, exported template, validation, deployment."""

import time
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import deployments
from acr_relocate.azure.resources.deployments import DeploymentScope, Export
from acr_relocate.core.checks import Unknown
from acr_relocate.core.cut_over.model import record_tags, target_tags
from acr_relocate.core.outcomes import DeployOutcome, Outcome
from acr_relocate.core.request.identity import deployment_name
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.template import TargetTemplate
from acr_relocate.files import template_files
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="ensure-resource-group", task_run_name="ensure-resource-group-{request.target.resource_group}", **WRITE)
async def ensure_resource_group(request: RelocationRequest) -> Outcome:
    """Create the target's resource group, tagged, unless it exists.

    Again: an existing group is left unchanged, in any region. On failure: nothing was changed.
    """
    group, subscription = request.target.resource_group, request.target_subscription_id
    async with azure() as connection:
        where = request.target.location
        kind = await deployments.ensure_resource_group(connection, subscription, group, where, target_tags(request))
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
    """Return Azure's export of the source's template, with the parts that could not be exported. Only reads.

    A refused export does not stop the run: the target is built from the reads.
    """
    async with azure() as connection:
        exported = await or_unknown(deployments.export_template(connection, ref))
    return Export(template={}, problems=(exported.reason,)) if isinstance(exported, Unknown) else exported


@task(name="validate-template", task_run_name="validate-template-for-{request.target.name}", **READ)
async def validate_template(request: RelocationRequest, target: TargetTemplate) -> None:
    """Validate the template at Azure. Raises InvalidTemplate, PolicyViolation, AccessDenied.

    Again: validates again. On failure: nothing was changed.
    """
    async with azure() as connection:
        await deployments.validate(connection, place(request), target)


@task(name="deploy-template", task_run_name="deploy-{request.target.name}", **WRITE)
async def deploy_template(request: RelocationRequest, target: TargetTemplate) -> DeployOutcome:
    """Deploy the target registry with the source's settings and children, except the deferred settings.

    Again: the deployment is incremental and has the same name, so existing resources are confirmed, others created.
    On failure: created resources stay, tagged with this plan; DeploymentFailed names each of the others.
    """
    where, began = place(request), time.monotonic()
    async with azure() as connection:
        await deployments.deploy(connection, where, target, request.source.resource_id)
    return DeployOutcome(
        kind="created", name=where.name, registry_id=request.target_id, seconds=time.monotonic() - began
    )


def place(request: RelocationRequest) -> DeploymentScope:
    """Return the scope of the target's deployment."""
    group, name = request.target.resource_group, deployment_name(request)
    return DeploymentScope(request.target_subscription_id, group, name, record_tags(request))
