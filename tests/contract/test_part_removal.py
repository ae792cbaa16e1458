"""One of several sources takes back what it brought: its images and children go, all else at the target stays."""

from acr_relocate.azure.changes import part_removal
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.discovery import shared_target
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.core.registry.inventory import Attributes, Content
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.removal.part import ContentRemoval, child_removals, content_removals
from acr_relocate.core.request.identity import relocation_id, target_ref
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target.template import build_template
from acr_relocate.core.verification.settings import compare_settings
from tasks.deployment import place
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, Pusher, RegistryFactory

NAMES = RenameMap(rules={"**": "shop/**"}, others=("books/",))
LOCKED = Attributes(delete_enabled=False, write_enabled=False)


async def pair(factory: RegistryFactory, azure: AzureConnection) -> tuple[DataPlane, DataPlane]:
    """A source with two repositories, and the target that has them below `shop`, and another's below `books`."""
    here, there = await factory.registry(), await factory.registry()
    for name in ("app", "web"):
        await factory.pushed(here).image(name, "v1", text=name)
        await factory.pushed(there).image(f"shop/{name}", "v1", text=name)
    await factory.pushed(there).image("books/app", "v1", text="app")
    return factory.plane(here), azure.data_plane(f"{there.name}.azurecr.io", NAMES)


async def removals(source: DataPlane, target: DataPlane) -> tuple[ContentRemoval, ...]:
    """The removals as of now."""
    return content_removals(await whole(target), await whole(source))


async def whole(plane: DataPlane) -> Content:
    """All that is listed."""
    return await list_content(plane, Selection())


async def catalogue(azure: AzureConnection, target: DataPlane) -> set[str]:
    """The names of all repositories, as the registry has them."""
    return set(await azure.data_plane(target.login_server).repositories())


async def test_the_repositories_of_the_source_go_and_those_of_others_stay(
    factory: RegistryFactory, azure: AzureConnection
) -> None:
    """By their names at the target; a second time there is nothing to do."""
    source, target = await pair(factory, azure)
    found = await removals(source, target)

    kinds = [(await part_removal.remove_content(target, one)).kind for one in found]
    again = [(await part_removal.remove_content(target, one)).kind for one in found]

    assert (kinds, again) == (["removed"] * 2, ["already_there"] * 2)
    assert await catalogue(azure, target) == {"books/app"}
    assert [one.name for one in (await whole(source)).repositories] == ["app", "web"]
    assert await removals(source, target) == ()


async def test_a_repository_that_changed_since_it_was_listed_is_left_alone(
    factory: RegistryFactory, azure: AzureConnection
) -> None:
    """Somebody pushed meanwhile; the next look leaves their image, and what is left is the source's."""
    source, target = await pair(factory, azure)
    [app, _] = await removals(source, target)
    theirs = await Pusher(target).image("shop/app", "theirs", text="pushed meanwhile")

    skipped = await part_removal.remove_content(target, app)
    kept = await target.head_digest("app", "v1")
    [again, _] = await removals(source, target)
    outcome = await part_removal.remove_content(target, again)

    assert (skipped.kind, kept is not None) == ("skipped", True)
    assert (outcome.kind, again.whole) == ("removed", False)
    assert [await target.head_digest("app", tag) for tag in ("v1", "theirs")] == [None, theirs]


async def test_locks_that_came_with_the_content_are_lifted(factory: RegistryFactory, azure: AzureConnection) -> None:
    """The source has the same; Azure would refuse the deletion."""
    source, target = await pair(factory, azure)
    for plane in (source, target):
        await plane.set_attributes("app", "v1", LOCKED)
        await plane.set_attributes("app", "", LOCKED)

    outcomes = [await part_removal.remove_content(target, one) for one in await removals(source, target)]

    assert [one.kind for one in outcomes] == ["removed", "removed"]
    assert await catalogue(azure, target) == {"books/app"}


async def test_each_source_deploys_its_own_children_and_takes_back_those_alone(
    factory: RegistryFactory, azure: AzureConnection
) -> None:
    """The first makes the registry; a child that both bring belongs to neither alone."""
    refs = [await factory.registry(), await factory.registry()]
    for ref, own in zip(refs, ("shop", "books"), strict=True):
        readers = {"properties": {"actions": ["repositories/app/content/read"]}}
        await azure.arm.put(f"{ref.resource_id}/scopeMaps/{own}-readers", "2025-11-01", readers, doing="Making it")
        replica = {"location": "francecentral"}
        await azure.arm.put(f"{ref.resource_id}/replications/francecentral", "2025-11-01", replica, doing="Making it")
    requests = [joining(ref, refs) for ref in refs]
    await deployments.ensure_resource_group(azure, SUBSCRIPTION, GROUP, "westeurope")

    for request in requests:
        source = await shared_target.read_source(azure, request)
        await deployments.deploy(azure, place(request), build_template(None, source, request), source.id)

    target = await registries.read_registry(azure, target_ref(requests[0]))
    brought = [await part_removal.find_brought_children(azure, request) for request in requests]
    for request in requests:
        source = await shared_target.read_source(azure, request)
        assert compare_settings(source, target, request) == ()
    assert await shared_target.read_parts(azure, requests[0]) == {relocation_id(request) for request in requests}
    ids = [[path.rpartition("/")[2] for path in child_removals(target, one)] for one in brought]
    assert ids == [["shop-readers"], ["books-readers"]]


def joining(source: RegistryRef, sources: list[RegistryRef]) -> RelocationRequest:
    """The request of one of them, into a target of their own."""
    parts = [{"registry": ref.model_dump(), "prefix": ref.name} for ref in sources]
    target = {"name": f"{sources[0].name}and", "location": "northeurope", "resource_group": GROUP}
    return parse_request({"source": source.model_dump(), "target": target, "consolidation": {"sources": parts}})
