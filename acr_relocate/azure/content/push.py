"""What importImage does not take, put at the target manifest by manifest."""

from __future__ import annotations

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.remaining_import import references_to_probe
from acr_relocate.core.errors import AccessDenied, NotFound

RIGHTS = (
    "Importing does not include the right to push. Have AcrPush assigned at the target or, if it is in ABAC mode, "
    "Container Registry Repository Writer; or push the index yourself: "
)


async def push_manifest(source: DataPlane, target: DataPlane, item: ImportItem) -> None:
    """The target has the manifest, byte for byte, under the item's tags, or by its digest if it has none.

    All that it lists is there already. A tag that is there is moved: to be asked for before.
    Raises NotFound, AccessDenied, TemporaryFailure.
    """
    name = item.repository
    manifest = await source.raw_manifest(name, item.digest)
    if manifest is None:
        raise NotFound(f"{source.login_server}/{item.source_image} is not there any more", resource=source.login_server)
    for reference in references_to_probe(item):
        try:
            await target.put_manifest(name, reference, manifest)
        except AccessDenied as error:
            copy = f"crane copy {source.login_server}/{item.source_image} {target.login_server}/{name}:TAG"
            raise AccessDenied(error.message, code=error.code, resource=error.resource, remedy=RIGHTS + copy) from None
