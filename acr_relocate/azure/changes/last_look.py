"""The last look before a registry is deleted: the content of both, and every blob in the one that stays."""

from __future__ import annotations

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.content import blobs, listing
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.removal.whole_copy import (
    ApprovedLoss,
    CopyCheck,
    evaluate_copy,
    readable_in_both,
    require_whole_copy,
    unreadable_in_both,
)
from acr_relocate.core.request.selection import Selection


async def check_copy(azure: AzureConnection, going: Content, staying: Content) -> CopyCheck:
    """Check the registry that stays for every manifest that both hold, and for every blob of it.

    Missing parts are checked in the other one: a part that both lack is not lost with it.
    """
    here, there = (azure.data_plane(one.login_server, one.names) for one in (going, staying))
    asked = await blobs.ask_for_parts(there, readable_in_both(going, staying))
    in_neither = await blobs.lacking(here, asked.missing)
    return evaluate_copy(
        (asked.manifests, asked.blobs), asked.missing, in_neither, unread=unreadable_in_both(going, staying)
    )


async def look_at_rest(azure: AzureConnection, approved: ApprovedLoss, selection: Selection) -> CopyCheck:
    """Check that both registries hold the approved content, and that the one that stays is complete.

    The other one is locked. Raises NotRelocated otherwise, ListingIncomplete if it cannot be read.
    """
    async with together() as group:
        staying_there = azure.data_plane(approved.staying, approved.names)
        going = group.create_task(listing.list_content(azure.data_plane(approved.going), selection))
        staying = group.create_task(listing.list_content(staying_there, selection))
    check = await check_copy(azure, going.result(), staying.result())
    require_whole_copy(approved, going.result(), staying.result(), check)
    return check


async def require_no_new_repository(azure: AzureConnection, login_server: str, known: frozenset[str]) -> None:
    """Raise if the catalogue names another repository: no lock can prevent a new one."""
    found = set(await azure.data_plane(login_server).repositories()) - known
    if found:
        raise NotRelocated(
            f"The repository {min(found)} was pushed to {login_server} in the last moment, so it was not deleted",
            code="ChangedSinceApproval",
            resource=login_server,
            remedy="Run again: the new content is compared, and the deletion has to be approved again.",
        )
