"""`acr-relocate prove` and `verify --proof`: a signed statement of a move, and the check of one.

Needs only Azure: no Prefect server is started or asked.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.discovery import find_registry
from acr_relocate.azure.resources import registries
from acr_relocate.core.errors import InvalidRequest, NotRelocated
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RegistryRef, RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import Difference, compare, unclean
from acr_relocate.core.verification.proof import MoveStatement, compare_with_proof, state_move
from acr_relocate.core.wording import plural


async def prove_move(request: RelocationRequest, say: Callable[[str], None]) -> MoveStatement:
    """Compare the content of both registries; return the statement that it is equal. Raises NotRelocated."""
    async with connection() as azure:
        request = await find_registry.resolve_request(azure, request)
        source = await registries.read_registry(azure, request.source)
        target = await registries.read_registry(azure, target_ref(request))
        want, have = await asyncio.gather(
            *(_content(azure, registry, request.selection, say) for registry in (source, target))
        )
        # Locks are settings of the registry, not of what was moved: a freeze does not change a digest.
        found = [one for one in unclean(compare(want, have, request.selection, request.accept_broken)) if _counts(one)]
        if found:
            raise NotRelocated(
                f"{source.name} and {target.name} are not equal: {plural(len(found), 'difference')}, the first: "
                f"{found[0].message}",
                resource=target.id,
                remedy="Run `acr-relocate verify` for all of them.",
            )
        now, ids, number = datetime.now(UTC), await azure.own_ids(), version("acr-relocate")
        return state_move(request, source, target, want, have, compared_at=now, compared_by=ids, version=number)


def _counts(found: Difference) -> bool:
    return found.kind != "attributes"


async def check_target(statement: MoveStatement, say: Callable[[str], None]) -> tuple[Difference, ...]:
    """Compare the target with the statement, as it is now. Raises NotFound without the target."""
    async with connection() as azure:
        target = await registries.read_registry(azure, RegistryRef(name=statement.target.id))
        if target.login_server.lower() != statement.target.login_server.lower():
            raise InvalidRequest(
                f"The proof is about {statement.target.login_server[:200]}, but {target.name} is {target.login_server}"
            )
        names = [repository.name for repository in statement.repositories]
        content = (
            await _content(azure, target, Selection(repositories=names), say) if names else Content(login_server="")
        )
        return compare_with_proof(statement, content)


async def _content(
    azure: AzureConnection, registry: Registry, selection: Selection, say: Callable[[str], None]
) -> Content:
    say(f"Listing {registry.login_server}…")
    return await list_content(azure.data_plane(registry.login_server), selection, may_be_broken=True)
