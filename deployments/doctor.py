"""`acr-relocate doctor`: check the prerequisites, each with a remedy. Changes nothing."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape

from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.azure.discovery import evidence, find_registry
from acr_relocate.azure.resources import registries
from acr_relocate.core.checks import RIGHTS, evaluate
from acr_relocate.core.content.source_freeze import THAW
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.summary import wrapped
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural
from deployments.server import for_command
from tasks.rehearsal import find_rehearsals
from tasks.runs.restore_records import read_pending_restores

_EMBEDDED = "This is the embedded Azure (local_azure) on this machine, not the real one."


@dataclass(frozen=True)
class Examination:
    """The result of one check. `remedy`: what to do if it failed."""

    ok: bool
    what: str
    remedy: str = ""


def examine(request: RelocationRequest | None, console: Console) -> int:
    """Run and print all checks; return 0 if all are met, 1 otherwise."""
    return asyncio.run(_examine(request, console))


async def _examine(request: RelocationRequest | None, console: Console) -> int:
    failed = passed = 0
    async for finding in _findings(request):
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        what = wrapped(f"  {finding.what}", 2).lstrip() if console.is_terminal else finding.what
        console.print(f"{mark} {escape(what)}", soft_wrap=True, highlight=False)
        if not finding.ok and finding.remedy:
            console.print(f"  Remedy: {escape(finding.remedy)}", soft_wrap=True, highlight=False)
        passed, failed = passed + finding.ok, failed + (not finding.ok)
    console.print(
        f"not ready: {failed} of {plural(passed + failed, 'check')} failed"
        if failed
        else f"ready: {plural(passed, 'check')} passed",
        highlight=False,
    )
    return 1 if failed else 0


async def _findings(request: RelocationRequest | None) -> AsyncIterator[Examination]:
    yield _prefect()
    async with connection() as azure:
        access = await _tried(_subscriptions(azure), "credential and subscriptions")
        yield access
        if access.ok:
            for finding in await _expired_rehearsals():
                yield finding
        if not access.ok or request is None:
            return
        request, source = await _settled(azure, request)
        yield source
        yield await _tried(_target(azure, request), f"target registry {request.target.name}")
        if source.ok:
            for finding in await _owed(request):
                yield finding
            for finding in await _permissions(azure, request):
                yield finding


async def _tried(examination: Awaitable[str], what: str) -> Examination:
    """Return the result of a check, or its error with the remedy."""
    try:
        return Examination(ok=True, what=f"{what}: {await examination}")
    except RelocationError as error:
        return Examination(ok=False, what=f"{what}: {error.message}", remedy=error.remedy)


def _prefect() -> Examination:
    url = os.environ.get("PREFECT_API_URL", "")
    if not url:
        configured = for_command.is_configured()
        how = "the one of the active profile" if configured else "started for each command, its history is kept"
        return Examination(ok=True, what=f"Prefect server: {how}")
    return Examination(
        ok=for_command.is_server(url),
        what=f"Prefect server: {url}",
        remedy="Start it (`prefect server start`), correct PREFECT_API_URL, or unset it to have one for each command.",
    )


async def _subscriptions(azure: AzureConnection) -> str:
    found = await azure.arm.list("/subscriptions", "2022-12-01", doing="Reading the subscriptions")
    if not found:
        raise RelocationError(
            "the credential works, but sees no subscription",
            remedy="Assign at least Reader, and choose the right tenant with AZURE_TENANT_ID.",
        )
    names = ", ".join(str(entry.get("displayName")) for entry in found)
    return f"{azure.cloud.name}, {names}" + (f". {_EMBEDDED}" if await azure.embedded() else "")


async def _settled(azure: AzureConnection, request: RelocationRequest) -> tuple[RelocationRequest, Examination]:
    """Return the request with its discovered source, and the result about the source."""
    what = f"source registry {request.source.name}"
    try:
        request = await find_registry.resolve_request(azure, request)
    except RelocationError as error:
        return request, Examination(ok=False, what=f"{what}: {error.message}", remedy=error.remedy)
    return request, await _tried(_source(azure, request.source), what)


async def _source(azure: AzureConnection, ref: RegistryRef) -> str:
    registry = await registries.read_registry(azure, ref)
    repositories = await azure.data_plane(registry.login_server).repositories()
    return f"{registry.sku} in {registry.location}, {len(repositories)} repositories can be listed from here"


async def _target(azure: AzureConnection, request: RelocationRequest) -> str:
    registry = await registries.find_registry(azure, target_ref(request))
    if registry is not None:
        repositories = await azure.data_plane(registry.login_server).repositories()
        return f"exists in {registry.location}; {len(repositories)} repositories can be listed from here"
    name = await registries.check_name(azure, request.target_subscription_id, request.target.name)
    if not name.available:
        raise RelocationError(f"the name is not available: {name.message}", remedy="Choose another name.")
    return "does not exist yet; its name is free"


async def _owed(request: RelocationRequest) -> list[Examination]:
    """Return what a killed final pass or deletion has left changed."""
    try:
        found = (await read_pending_restores(request)).messages
    except RelocationError as error:
        return [Examination(ok=False, what=f"changes to restore at the source: {error.message}", remedy=error.remedy)]
    return [Examination(ok=False, what=each, remedy=THAW) for each in found]


async def _expired_rehearsals() -> list[Examination]:
    """Return the rehearsals that should be gone by now."""
    try:
        found = await find_rehearsals()
    except RelocationError as error:
        return [Examination(ok=False, what=f"rehearsals: {error.message}", remedy=error.remedy)]
    return [
        Examination(
            ok=False,
            what=f"rehearsal {one.id} of {one.registry} expired at {one.expires_at:%Y-%m-%d %H:%M} UTC",
            remedy=f"acr-relocate rehearse --clean {one.id}",
        )
        for one in found
        if one.is_expired(datetime.now(UTC))
    ]


async def _permissions(azure: AzureConnection, request: RelocationRequest) -> list[Examination]:
    """Return the missing permissions of this identity, in the words of the checks."""
    ref = target_ref(request)
    try:
        source, target = await asyncio.gather(
            registries.read_registry(azure, request.source), registries.find_registry(azure, ref)
        )
        found = evaluate(RIGHTS, await evidence.gather(azure, request, source, target))
    except RelocationError as error:
        return [Examination(ok=False, what=f"permissions: {error.message}", remedy=error.remedy)]
    lacking = [Examination(ok=False, what=f"permissions: {each.message}", remedy=each.remedy) for each in found]
    return lacking or [Examination(ok=True, what="permissions: sufficient at the source and for the target")]
