"""Read the api-versions that Azure offers for registries and their children."""

from __future__ import annotations

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.scopes import CHILDREN, provider
from acr_relocate.core.errors import RelocationError, is_retryable
from acr_relocate.core.registry.api_versions import ApiVersions, choose_api_versions


async def offered_versions(azure: AzureConnection, subscription_id: str) -> dict[str, ApiVersions]:
    """Return kind, such as `registries` or `cacheRules`, -> the api-versions to use for it.

    Empty without permission to read them: then the versions of every cloud are used.
    """
    try:
        answer = await provider(azure, subscription_id)
    except RelocationError as error:
        if is_retryable(error):
            raise
        return {}
    types = {entry.get("resourceType", ""): entry.get("apiVersions") or () for entry in answer.get("resourceTypes", ())}
    return {name.removeprefix(CHILDREN): choose_api_versions(versions) for name, versions in types.items()}
