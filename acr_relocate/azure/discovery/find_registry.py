"""Find a registry by its name."""

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources import resource_graph
from acr_relocate.core.consolidation.shares import refs_beside
from acr_relocate.core.errors import NotFound
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest

_REGISTRIES = "resources | where type =~ 'microsoft.containerregistry/registries' | where name =~ '{name}'"


async def resolve_request(azure: AzureConnection, request: RelocationRequest) -> RelocationRequest:
    """Return the request with the discovered source, or its former place if the target knows it. Raises NotFound.

    Where the name is kept, a registry in another place may have it by now, so the target is asked first.
    """
    if request.keeps_name and not request.source.is_located and (former := await _remembered(azure, request)):
        return request.settled(former)
    try:
        settled = request.settled(await locate(azure, request.source))
    except NotFound:
        source = await _remembered(azure, request)
        if source is None:
            raise
        settled = request.settled(source)
    return settled.with_sources({ref.name: await _located(azure, ref) for ref in refs_beside(settled)})


async def _located(azure: AzureConnection, ref: RegistryRef) -> RegistryRef:
    """Return the registry with its place, or as it is if it is not there any more."""
    try:
        return await locate(azure, ref)
    except NotFound:
        return ref


async def _remembered(azure: AzureConnection, request: RelocationRequest) -> RegistryRef | None:
    """Return the source's place from the target's own tag."""
    rows = await resource_graph.query_graph(azure, _REGISTRIES.format(name=request.target.name) + " | project tags")
    tags = [(row.get("tags") or {}).get(SOURCE_TAG, "") for row in rows]
    sources = [RegistryRef(name=tag) for tag in tags if tag.startswith("/subscriptions/")]
    agreeing = (each for each in sources if each.name == request.source.name and _agrees(each, request.source))
    return next(agreeing, None)


async def locate(azure: AzureConnection, ref: RegistryRef) -> RegistryRef:
    """Return the registry with its place, discovered with Resource Graph unless given. Raises NotFound."""
    if ref.is_located:
        return ref
    rows = await resource_graph.query_graph(azure, _REGISTRIES.format(name=ref.name) + " | project id")
    found = [place for row in rows if _agrees(place := RegistryRef(name=row["id"]), ref)]
    if not found:
        raise NotFound(
            f"No registry {ref.name} is in the subscriptions that this identity may read",
            code="RegistryNotFound",
            remedy="Check the name, give the identity the Reader role on the registry, or give subscription_id and "
            "resource_group: a registry created in the last minutes cannot be found by its name yet.",
        )
    return found[0]  # names are global in a cloud


def _agrees(found: RegistryRef, ref: RegistryRef) -> bool:
    return ref.subscription_id.lower() in {"", found.subscription_id.lower()} and ref.resource_group.lower() in {
        "",
        found.resource_group.lower(),
    }
