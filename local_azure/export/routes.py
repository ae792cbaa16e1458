"""POST .../exportTemplate."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from local_azure.arm.jobs import job, results_path
from local_azure.export.bodies import entry, has_schema, is_exported
from local_azure.export.naming import Naming, Options
from local_azure.state.errors import JsonObject, bad_request, conflict, group_not_found
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

RESOURCE_LIMIT = 200
OPERATION_SINCE = "2022"  # the api-versions whose answer is an operation, as recorded
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@ROUTES.route("POST", "/subscriptions/{subscription}/resourceGroups/{group}/exportTemplate")
async def export_template(call: Call) -> web.StreamResponse:
    """Export the template of some or all resources of a group: at once, or 202 and the result where Location says."""
    group = call.world.resources.get(f"/subscriptions/{call.params.subscription}/resourceGroups/{call.params.group}")
    if group is None:
        raise group_not_found(call.params.group)
    body = await call.json()
    options = Options.parse(str(body.get("options") or ""))
    chosen, errors = _chosen(call.world, group, body.get("resources"))

    async def work() -> JsonObject:
        return _export(call.world, chosen, errors, options)

    if call.api_version < OPERATION_SINCE or not (chosen or errors):
        return answer(await work())
    form = Form(results_path(call), id=job("ExportTemplateJob-", group.name, group.location))
    return await call.world.operations.start(call, work, form, seconds=2)


def _chosen(world: "World", group: Resource, wanted: Any) -> tuple[list[Resource], list[JsonObject]]:
    """Return the resources to export, parents before children, and an error for each id that is not in the group."""
    if not isinstance(wanted, list) or not wanted:
        message = "The export template request is not valid: 'resources' must be a list of ids, or ['*']."
        raise bad_request("InvalidExportTemplateRequest", message, gateway=True)
    inside = [one for one in world.resources.beneath(group.id) if is_exported(one)]
    if "*" in wanted:
        if sum(bool(one.location) for one in inside) > RESOURCE_LIMIT:
            message = (
                "Export template is not supported for resource groups that have more than "
                f"'{RESOURCE_LIMIT}' resources."
            )
            raise conflict("ExportTemplateNotSupported", message, gateway=True)
        return _sorted(inside), []
    prefixes = {str(one).rstrip("/").lower() for one in wanted}
    chosen = [one for one in inside if _is_under(one.id.lower(), prefixes)]
    known = {one.id.lower() for one in chosen}
    missing = [one for one in wanted if str(one).rstrip("/").lower() not in known]
    return _sorted(chosen), [_invalid(str(one)) for one in missing]


def _is_under(resource_id: str, prefixes: set[str]) -> bool:
    return any(resource_id == prefix or resource_id.startswith(f"{prefix}/") for prefix in prefixes)


def _sorted(resources: list[Resource]) -> list[Resource]:
    return sorted(resources, key=lambda one: (one.type.count("/"), one.type.lower(), one.id.lower()))


def _invalid(resource_id: str) -> JsonObject:
    message = f"The resource '{resource_id}' cannot be exported: it is not in the resource group."
    return {"code": "ExportTemplateInvalidResource", "message": message, "target": resource_id}


def _export(world: "World", chosen: list[Resource], errors: list[JsonObject], options: Options) -> JsonObject:
    failing = {kind: _type_error(world, kind) for kind in sorted({one.type for one in chosen})}
    unknown = {one.type for one in chosen if not has_schema(one)}
    failing |= {kind: _schema_error(kind) for kind in unknown}
    exported = [one for one in chosen if failing[one.type] is None]
    naming = Naming(options, frozenset(one.id.lower() for one in exported))
    resources = [entry(world, one, naming) for one in exported]
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": naming.parameters,
        "variables": {},
        "resources": resources,
    }
    details = [*errors, *(error for _, error in sorted(failing.items()) if error is not None)]
    return {"template": template, **({"error": _incomplete(details)} if details else {})}


def _type_error(world: "World", kind: str) -> JsonObject | None:
    """Return the error of the fault for a type, if it is armed for it."""
    if world.faults.take("export-incomplete", type=kind) is None:
        return None
    message = f"Could not get resources of the type '{kind}'. Resources of this type will not be exported."
    return {"code": "ExportTemplateProviderError", "message": message, "target": kind}


def _schema_error(kind: str) -> JsonObject:
    message = f"The schema of resource type '{kind}' is not available. Resources of this type will not be exported."
    return {"code": "ResourceTypeSchemaNotFound", "message": message, "target": kind}


def _incomplete(details: list[JsonObject]) -> JsonObject:
    message = (
        "Export template operation completed with errors. Some resources were not exported. Please see details for "
        "more information."
    )
    return {"code": "ExportTemplateCompletedWithErrors", "message": message, "details": details}
