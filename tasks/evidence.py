"""Read the evidence for the checks before anything is changed.

Unreadable facts are Unknown with the reason, so that the checks can report them; transient failures are retried.
"""

from prefect import task

from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.discovery import evidence
from acr_relocate.azure.resources import scopes
from acr_relocate.core.checks import Evidence, PermissionSet, Unknown
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import READ

__all__ = ["find_hidden_repositories", "gather_evidence", "read_locks", "read_permissions"]


@task(name="gather-evidence", task_run_name="gather-evidence-on-{source.name}", **READ)
async def gather_evidence(request: RelocationRequest, source: Registry, target: Registry | None) -> Evidence:
    """Return all evidence for the checks, without the content of the registries."""
    async with azure() as connection:
        return await evidence.gather(connection, request, source, target)


@task(name="read-permissions", task_run_name="read-permissions", **READ)
async def read_permissions(
    places: tuple[str, ...], request: RelocationRequest
) -> dict[str, tuple[PermissionSet, ...] | Unknown | None]:
    """Return the permissions of the running identity at each scope, by its id."""
    async with azure() as connection:
        return await evidence.read_permissions(connection, places, request)


@task(name="read-locks", task_run_name="read-locks", **READ)
async def read_locks(places: tuple[str, ...]) -> tuple[Lock, ...] | Unknown:
    """Return the management locks in force at these resources or subscriptions, or Unknown. Only reads."""
    async with azure() as connection:
        found = [await or_unknown(scopes.locks(connection, place), "the management locks") for place in places]
    unread = next((one for one in found if isinstance(one, Unknown)), None)
    return unread or tuple(dict.fromkeys(lock for one in found if isinstance(one, tuple) for lock in one))


@task(name="find-hidden-repositories", task_run_name="find-hidden-repositories-of-{source.name}", **READ)
async def find_hidden_repositories(
    request: RelocationRequest, source: Registry, content: Content | Unknown
) -> tuple[str, ...] | Unknown:
    """Return existing repositories that the source's settings name and that its catalogue does not show.

    Returns none, without a call, if the request leaves the content behind.
    """
    if not request.content:
        return ()
    async with azure() as connection:
        return await evidence.hidden_repositories(connection, source, content)
