"""The names of the source's repositories at the target, which may come from several where the request renames them."""

from __future__ import annotations

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources import registries
from acr_relocate.core.content.selection import selected_names
from acr_relocate.core.errors import NotFound
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.relocation import RelocationRequest


async def read_target_names(azure: AzureConnection, request: RelocationRequest) -> RenameMap:
    """Return the names at the target, with the selected repositories of the source; without a call if none is renamed.

    If the source is gone, the request alone decides.
    """
    if not request.rename:
        return request.names
    try:
        login_server = await registries.login_server(azure, request.source.resource_id)
    except NotFound:
        return request.names
    catalogue = await azure.data_plane(login_server).repositories()
    return request.names.knowing(selected_names(catalogue, request.selection))
