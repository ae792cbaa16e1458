"""The inventory: the validated request, the registries, their content."""

from prefect import task

from acr_relocate.azure.client.unknown import complete_or_unknown
from acr_relocate.azure.content import late_listing, listing
from acr_relocate.azure.content.pull_log import mark_pulls
from acr_relocate.azure.content.target_names import read_target_names
from acr_relocate.azure.discovery import find_registry as locating
from acr_relocate.azure.discovery import shared_target, webhook_callbacks
from acr_relocate.azure.resources import registries
from acr_relocate.core.checks import Unknown
from acr_relocate.core.content.selection import everything
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import Callbacks
from tasks.connection import AzureConnection, azure
from tasks.retry_policies import READ
from tasks.runs.events import announce_listing


@task(name="accept-request", task_run_name="accept-request-for-{request.source.name}", **READ)
async def accept_request(request: RelocationRequest) -> RelocationRequest:
    """Validate the request as a whole, and locate the source. Raises InvalidRequest, NotFound. Only reads.

    The form in the Prefect UI checks each field separately, never one against another. Again: the same answer.
    """
    accepted = parse_request(request.model_dump(mode="json"))
    async with azure() as connection:
        return await locating.resolve_request(connection, accepted)


@task(name="read-registry", task_run_name="read-registry-{ref.name}", **READ)
async def read_registry(ref: RegistryRef) -> Registry:
    """Return the registry's settings with all child resources. Raises NotFound. Only reads."""
    async with azure() as connection:
        return await registries.read_registry(connection, ref)


@task(name="read-source", task_run_name="read-registry-{request.source.name}", **READ)
async def read_source(request: RelocationRequest) -> Registry:
    """Return the source with all child resources and its share of the target. Raises NotFound. Only reads."""
    async with azure() as connection:
        return await shared_target.read_source(connection, request)


@task(name="find-registry", task_run_name="find-registry-{ref.name}", **READ)
async def find_registry(ref: RegistryRef) -> Registry | None:
    """Return the registry, or None if Azure says that it does not exist. Only reads."""
    async with azure() as connection:
        return await registries.find_registry(connection, ref)


@task(name="list-content", task_run_name="list-content-of-{login_server}", **READ)
async def list_content(login_server: str, request: RelocationRequest, selection: Selection | None = None) -> Content:
    """Return the selected repositories with tags and manifests, cross-checked. Raises ListingIncomplete. Only reads.

    `selection`: another one than the request's. Lists nothing, without a call, if the request leaves the content
    behind. The repositories of a target have the names of the source, which the request may rename.
    """
    if selection is None and not request.content:
        return Content(login_server=login_server)
    async with azure() as connection:
        names = await _names(connection, login_server, request)
        found = await listing.list_content(
            connection.data_plane(login_server, names),
            selection or request.selection,
            announce_listing(login_server),
            may_be_broken=is_of_source(login_server, request),
        )
        marks = selection is None and is_of_source(login_server, request)
        return await mark_pulls(connection, request, found) if marks else found


async def list_everything(login_server: str, request: RelocationRequest) -> Content:
    """Return all content of a registry, regardless of the selection. Raises ListingIncomplete. Only reads."""
    return await list_content(login_server, request, everything(request.selection))


@task(name="catch-up", task_run_name="catch-up-with-{have.login_server}", **READ)
async def catch_up(request: RelocationRequest, want: Content, have: Content) -> Content:
    """Return the target's content (`have`), listed again if it lacks content that a pull finds. Only reads.

    Again: lists again. On failure: nothing was changed.
    """
    if not request.content:
        return have
    async with azure() as connection:
        return await late_listing.catch_up(
            connection.data_plane(have.login_server, have.names),
            want,
            have,
            request.selection,
            announce_listing(have.login_server),
        )


@task(name="read-callbacks", task_run_name="compare-webhooks-of-{source.name}-and-{target.name}", **READ)
async def read_callbacks(source: Registry, target: Registry) -> tuple[Callbacks, ...] | Unknown:
    """Return the comparison of the webhooks of both, or Unknown without permission. Secrets stay there."""
    async with azure() as connection:
        return await webhook_callbacks.read_callbacks(connection, source, target)


@task(name="request-to-compare", task_run_name="look-for-{target.name}", **READ)
async def request_to_compare(source: RegistryRef, target: RegistryRef, selection: Selection) -> RelocationRequest:
    """Return the request of a relocation from one to the other. Raises NotFound. Only reads."""
    async with azure() as connection:
        source, target = await locating.locate(connection, source), await locating.locate(connection, target)
        found = await registries.read_registry(connection, target)
    there = TargetRef.model_validate(target.model_dump() | {"location": found.location})
    return RelocationRequest(source=source, target=there, selection=selection)


@task(name="look-at-content", task_run_name="look-at-content-of-{login_server}", **READ)
async def look_at_content(login_server: str, request: RelocationRequest) -> Content | Unknown:
    """Return the same, or Unknown if it cannot be listed from here or completely; never part of it. Only reads."""
    if not request.content:
        return Content(login_server=login_server)
    async with azure() as connection:
        plane = connection.data_plane(login_server, await _names(connection, login_server, request))
        said, broken = announce_listing(login_server), is_of_source(login_server, request)
        found = listing.list_content(plane, request.selection, said, may_be_broken=broken)
        known = await complete_or_unknown(found, login_server)
        return await mark_pulls(connection, request, known) if broken and isinstance(known, Content) else known


def is_of_source(login_server: str, request: RelocationRequest) -> bool:
    """Return whether the login server is the source's. Artifacts of a target never count as broken."""
    return login_server.lower().partition(".")[0].partition("-")[0] == request.source.name.lower()


async def _names(connection: AzureConnection, login_server: str, request: RelocationRequest) -> RenameMap:
    """Return how the registry calls the source's repositories: the request renames those of the target."""
    return AS_AT_SOURCE if is_of_source(login_server, request) else await read_target_names(connection, request)
