"""A registry's child resources: their kinds and api-versions, read without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acr_relocate.azure.client.arm import Arm
from acr_relocate.azure.client.errors import redact
from acr_relocate.azure.client.task_group import together
from acr_relocate.core.errors import RelocationError, is_retryable
from acr_relocate.core.registry.api_versions import ApiVersions
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_types import PREVIEW, STABLE, TASKS

# Kind -> api-version, unless Azure offers a newer one. Cache rules at the preview, which alone has their
# identity; pipelines exist in previews only. Runs are history and not read.
_KINDS: Final = {
    "replications": STABLE,
    "webhooks": STABLE,
    "scopeMaps": STABLE,
    "tokens": STABLE,
    "cacheRules": PREVIEW,
    "credentialSets": STABLE,
    "connectedRegistries": STABLE,
    "privateEndpointConnections": STABLE,
    "exportPipelines": PREVIEW,
    "importPipelines": PREVIEW,
    "tasks": TASKS,
    "agentPools": TASKS,
    "diagnosticSettings": "2021-05-01-preview",
}
EXTENSIONS: Final = {"diagnosticSettings": "providers/Microsoft.Insights/diagnosticSettings"}

# Azure never returns these; if it ever does, they are removed.
SECRET_KEYS: Final = frozenset(
    {
        "contextaccesstoken",
        "customheaders",
        "password",
        "refreshtoken",
        "serviceuri",
        "sourcecontrolauthproperties",
        "updatetriggertoken",
    }
)


async def read_children(
    arm: Arm, registry_id: str, offered: Mapping[str, ApiVersions]
) -> tuple[tuple[Child, ...], dict[str, str]]:
    """Return all children, and the reason for each unreadable kind. An unread kind is not an empty one.

    Args:
        arm: Azure Resource Manager.
        registry_id: The registry's resource id.
        offered: Kind -> its api-versions. One newer than all known versions is read first, so that a property that
            only that one has, such as a new kind of credential, is seen.

    """
    newer = {kind: versions.newer for kind, versions in offered.items()}
    async with together() as group:
        tasks = {kind: group.create_task(_read_kind(arm, registry_id, kind, newer.get(kind, ""))) for kind in _KINDS}
    read = {kind: task.result() for kind, task in tasks.items()}
    children = tuple(child for found in read.values() if isinstance(found, tuple) for child in found)
    unread = {kind: found for kind, found in read.items() if isinstance(found, str)}
    return children, unread


async def _read_kind(arm: Arm, registry_id: str, kind: str, newer: str) -> tuple[Child, ...] | str:
    path, doing = f"{registry_id}/{EXTENSIONS.get(kind, kind)}", f"Reading the {kind} of the registry"
    try:
        entries = await arm.list(path, newer or _KINDS[kind], doing=doing)
    except RelocationError as error:
        if is_retryable(error):
            raise
        return await _read_kind(arm, registry_id, kind, "") if newer else error.message
    return tuple(_child(kind, entry) for entry in entries)


def _child(kind: str, entry: dict[str, Any]) -> Child:
    return Child(
        kind=kind,
        name=str(entry["name"]).rsplit("/", 1)[-1],
        location=entry.get("location"),
        properties=without_secrets(entry.get("properties") or {}),
        identity=entry.get("identity"),
        tags=entry.get("tags") or {},
    )


def without_secrets(value: Any) -> Any:
    """Return the JSON without secrets."""
    if isinstance(value, list):
        return [without_secrets(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: redact(inner) if key.lower() in ADDRESSES and isinstance(inner, str) else without_secrets(inner)
        for key, inner in value.items()
        if key.lower() not in SECRET_KEYS and not (key.lower() == "value" and _is_of_secret(value))
    }


def _is_of_secret(entry: dict[str, Any]) -> bool:
    """Return whether this is a secret argument, a token's password, or a task's plain-text login."""
    is_password = str(entry.get("name", "")).lower() in _PASSWORDS
    return bool(entry.get("isSecret")) or is_password or str(entry.get("type", "")).lower() == "opaque"


_PASSWORDS: Final = frozenset({"password1", "password2"})
ADDRESSES: Final = frozenset({"contextpath", "repositoryurl"})
"""Addresses of Git repositories, often with an access token. Recreating a task with one is a manual step."""
