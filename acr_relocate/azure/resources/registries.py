"""Registries in Azure Resource Manager, and importImage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.resources.children import read_children, without_secrets
from acr_relocate.azure.resources.offered_versions import offered_versions
from acr_relocate.azure.resources.registry_links import with_surroundings
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.errors import (
    ImportRefused,
    ImportTimedOut,
    NetworkDenied,
    NotFound,
    RelocationError,
    Throttled,
    is_retryable,
)
from acr_relocate.core.evidence.azure_facts import NameAvailability
from acr_relocate.core.registry.api_versions import ApiVersions
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.request.registry_refs import RegistryRef

Json = dict[str, Any]

# The pause after an import that was throttled inside its operation (HAP429); Azure gives no number. It is short,
# because the import itself waits longer before each retry (tasks/retry_policies.py).
THROTTLED_IMPORT_PAUSE: Final = 2.0
LET_IMPORTS_IN: Final = (
    "Let imports in for as long as the relocation takes: a private endpoint or no subnet rules, at the registry that "
    "the findings service_endpoint_keeps_imports_out or trusted_services_kept_out name, with the commands there. Then "
    "run again."
)


@dataclass(frozen=True)
class Callback:
    """The address and headers of a webhook. Secret: never logged, shown or stored."""

    service_uri: str = field(repr=False)
    custom_headers: dict[str, str] = field(repr=False, default_factory=dict)


async def login_server(azure: AzureConnection, registry_id: str) -> str:
    """Return the host of the registry from Azure. Raises NotFound."""
    found = await azure.arm.get(registry_id, STABLE, doing=f"Reading {registry_id.rpartition('/')[2]}")
    return str(found["properties"]["loginServer"])


async def read_registry(azure: AzureConnection, ref: RegistryRef) -> Registry:
    """Return the registry with all its children and private endpoints, merged from the api-versions that Azure offers.

    No single one has everything: soft delete is in previews only, and newer features in newer ones.
    Raises NotFound.
    """
    doing, path = f"Reading the registry {ref.name}", ref.resource_id
    offered = await offered_versions(azure, ref.subscription_id)
    versions = offered.get("registries", ApiVersions())
    async with together() as group:
        reading = group.create_task(azure.arm.get(path, versions.stable, doing=doing))
        reading_preview = group.create_task(_preview(azure, path, versions, doing))
        reading_newer = group.create_task(_newer(azure, path, versions, doing))
        reading_children = group.create_task(read_children(azure.arm, path, offered))
    stable, preview, (children, unread) = reading.result(), reading_preview.result(), reading_children.result()
    if isinstance(preview, str):
        unread, preview = {**unread, "preview properties": preview}, {}
    if versions.lacks_subnets:
        unread = {**unread, "virtual-network rules": f"no api-version here shows them; the newest is {versions.stable}"}
    properties = merged(reading_newer.result(), merged(preview.get("properties", {}), stable.get("properties", {})))
    azure.budgets.know_sku(properties.get("loginServer", ""), stable["sku"]["name"])
    registry = Registry(
        id=stable["id"],
        name=stable["name"],
        location=stable["location"],
        sku=stable["sku"]["name"],
        login_server=properties.get("loginServer", ""),
        identity=stable.get("identity"),
        tags=stable.get("tags") or {},
        properties=without_secrets(properties),
        children=children,
        unread=unread,
        api_versions=versions,
    )
    return await with_surroundings(azure, registry)


async def find_registry(azure: AzureConnection, ref: RegistryRef) -> Registry | None:
    """Return the registry, or None if Azure says that it does not exist. Anything else is an error."""
    try:
        return await read_registry(azure, ref)
    except NotFound:
        return None


async def check_name(azure: AzureConnection, subscription_id: str, name: str) -> NameAvailability:
    """Return whether a new registry could have this name, which is global in a cloud."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.ContainerRegistry/checkNameAvailability"
    body = {"name": name, "type": "Microsoft.ContainerRegistry/registries"}
    answer = await azure.arm.post(path, STABLE, body, doing=f"Checking whether the name {name} is free")
    return NameAvailability(available=answer["nameAvailable"] is True, message=answer.get("message") or "")


async def usages(azure: AzureConnection, ref: RegistryRef) -> dict[str, tuple[int, int]]:
    """Return the registry's quota usage: name -> current value, limit. Sizes are in bytes and may lag behind."""
    doing = f"Reading the usage of {ref.name}"
    found = await azure.arm.list(f"{ref.resource_id}/listUsages", STABLE, doing=doing)
    return {
        usage.get("name") or "": (int(usage.get("currentValue") or 0), int(usage.get("limit") or 0)) for usage in found
    }


async def webhook_callback(azure: AzureConnection, registry_id: str, webhook: str) -> Callback:
    """Return the webhook's address and headers. Secret: for the deployment's secure parameters only."""
    doing = f"Reading the address of the webhook {webhook}"
    answer = await azure.arm.post(f"{registry_id}/webhooks/{webhook}/getCallbackConfig", STABLE, doing=doing)
    return Callback(service_uri=answer.get("serviceUri", ""), custom_headers=answer.get("customHeaders") or {})


async def import_image(
    azure: AzureConnection,
    target_id: str,
    source_id: str,
    item: ImportItem,
    *,
    names: RenameMap = AS_AT_SOURCE,
    force: bool,
    timeout: float,  # noqa: ASYNC109 - has an error of its own
) -> None:
    """Import the digest under the item's tags: Azure copies it from the source with all blobs.

    Raises AlreadyExists (compare digests), Throttled, TemporaryFailure (it may have been accepted: read the target),
    ImportTimedOut after `timeout` seconds (likewise), ImportRefused (never as it is), NetworkDenied, AccessDenied,
    NotFound.
    """
    doing = f"Importing {item.label}"
    made_at = await (budget := azure.budgets.imports(target_id)).take()
    try:
        path, body = f"{target_id}/importImage", import_body(source_id, item, names, force=force)
        accepted = await azure.arm.call("POST", path, STABLE, json=body, doing=doing, once=True)
        await azure.arm.finished(accepted, doing=doing, resource=target_id, deadline=timeout)
    except TimeoutError:
        raise ImportTimedOut(f"{doing} has not ended after {timeout:.0f} s", resource=target_id) from None
    except Throttled as error:
        budget.pause(error.retry_after or THROTTLED_IMPORT_PAUSE, made_at=made_at)
        raise
    except NetworkDenied as error:
        message, correlation = error.message, error.correlation_id
        raise NetworkDenied(message, resource=target_id, remedy=LET_IMPORTS_IN, correlation_id=correlation) from None
    except RelocationError as error:
        if type(error) is not RelocationError:
            raise
        raise ImportRefused(
            error.message, code=error.code, resource=target_id, correlation_id=error.correlation_id
        ) from None
    finally:
        budget.answered()


def import_body(source_id: str, item: ImportItem, names: RenameMap, *, force: bool) -> Json:
    """Return the body of importImage: by digest, with all tags at once or, without tags, as an untagged import."""
    there = names.to_target(item.repository)
    tags = {"targetTags": [f"{there}:{tag}" for tag in item.tags]}
    if not item.tags:
        tags = {"untaggedTargetRepositories": [there]}
    return {
        "source": {"resourceId": source_id, "sourceImage": item.source_image},
        **tags,
        "mode": "Force" if force else "NoForce",
    }


def merged(below: Json, above: Json) -> Json:
    """Merge both objects, key by key; `above` wins."""
    both = below.keys() & above.keys()
    inner = {
        key: merged(below[key], above[key])
        for key in both
        if isinstance(below[key], dict) and isinstance(above[key], dict)
    }
    return {**below, **above, **inner}


async def _newer(azure: AzureConnection, path: str, versions: ApiVersions, doing: str) -> Json:
    """Return the properties at an unknown newer api-version; empty if Azure does not show them there."""
    found = await _preview(azure, path, versions.model_copy(update={"preview": versions.newer}), doing)
    return {} if isinstance(found, str) else found.get("properties", {})


async def _preview(azure: AzureConnection, path: str, versions: ApiVersions, doing: str) -> Json | str:
    """Return the registry at the preview api-version, or why that fails: not every cloud offers every preview."""
    if not versions.preview:
        return "Azure offers no known preview api-version"
    try:
        return await azure.arm.get(path, versions.preview, doing=doing)
    except NotFound:
        raise
    except RelocationError as error:
        if is_retryable(error):
            raise
        return error.message
