"""Apply the actions of a cut-over if they are not done yet; undo those that are ours."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import vault_secrets
from acr_relocate.azure.resources.merged_writes import put_merged
from acr_relocate.core.cut_over import (
    ArmCall,
    CreateResource,
    CutOverAction,
    Placeholder,
    is_made_by,
    is_satisfied,
    missing_principal,
    not_assignable,
    pull_refusal,
    with_values,
)
from acr_relocate.core.cut_over.arm_calls import Json
from acr_relocate.core.errors import AccessDenied, AlreadyExists, NotFound, RelocationError, TemporaryFailure
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.request.relocation import RelocationRequest


async def apply_action(azure: AzureConnection, action: CutOverAction) -> Outcome:
    """Apply the action; one that is already done, by anybody, is left unchanged."""
    if action.refused:
        return Outcome(kind="skipped", subject=action.subject, reason=action.refused)
    if await is_done(azure, action):
        return Outcome(kind="already_there", subject=action.subject)
    ready = await _filled(azure, action)
    answer = await _attempted(azure, ready, action)
    if isinstance(answer, Outcome):
        return answer
    if ready.mark:
        await _record_pull(azure, ready, ready.mark, answer)
    if action.secret:
        await vault_secrets.store(azure, action.secret, _told(answer, ready.call.path))
    return Outcome(kind="created", subject=action.subject)


async def _record_pull(azure: AzureConnection, action: CutOverAction, mark: ArmCall, answer: Json) -> None:
    """Record that the pull succeeded. Raises TemporaryFailure: the role may not have reached the registry yet."""
    if reason := pull_refusal(answer):
        raise TemporaryFailure(
            f"Trying to {action.what} failed: {reason}", resource=action.call.path, remedy=action.instead
        )
    with suppress(AlreadyExists):  # somebody else's is not ours to mark
        await _send(azure, mark, action)


async def _attempted(azure: AzureConnection, ready: CutOverAction, action: CutOverAction) -> Json | Outcome:
    """Return Azure's answer, or the outcome if the action is unnecessary, not allowed or impossible."""
    try:
        return await _send(azure, ready.call, action)
    except AlreadyExists:
        # RoleAssignmentExists and the like: somebody else has just done it, or under another name.
        if await is_done(azure, action):
            return Outcome(kind="already_there", subject=action.subject)
        raise
    except AccessDenied as error:
        if action.instead:
            return Outcome(kind="skipped", subject=action.subject, reason=f"{error.message}; instead: {action.instead}")
        raise
    except RelocationError as error:
        if reason := missing_principal(action, error.code):
            lacking = action.effect.lacking_without if isinstance(action.effect, CreateResource) else ""
            return Outcome(kind="skipped", subject=action.subject, reason=reason, explains=lacking)
        if reason := not_assignable(action, error.code):
            return Outcome(kind="skipped", subject=action.subject, reason=reason)
        raise


async def is_done(azure: AzureConnection, action: CutOverAction) -> bool:
    """Return whether Azure shows that the action is done."""
    if action.secret and not await vault_secrets.holds_secret(azure, action.secret):
        return False
    try:
        ready = await _filled(azure, action, looking=True)
        answer = await _send(azure, ready.look.call, action, doing=f"Looking whether to {action.what}")
    except NotFound:
        return False
    return is_satisfied(ready.look, answer)


async def pending_actions(azure: AzureConnection, actions: tuple[CutOverAction, ...]) -> frozenset[str]:
    """Return the ids of the actions to be done. Only reads; an unreadable one counts as not done."""
    wanted = [action for action in actions if not action.refused]
    async with together() as group:
        looking = {action.id: group.create_task(or_unknown(is_done(azure, action))) for action in wanted}
    return frozenset(action_id for action_id, task in looking.items() if task.result() is not True)


async def undo(azure: AzureConnection, action: CutOverAction, request: RelocationRequest) -> Outcome:
    """Undo the action's changes, and look whether Azure shows it. Others' resources are left alone.

    `already_there`: nothing was ours. Raises TemporaryFailure if it is there afterwards as before.
    """
    if not action.undo:
        return Outcome(kind="skipped", subject=action.subject, reason=action.no_undo or action.refused)
    if not await is_owned(azure, action, request):
        return Outcome(kind="already_there", subject=action.subject)
    has_bodies = any(call.body for call in action.undo)
    ready = await _filled(azure, action, looking=True) if has_bodies else action
    for call in ready.undo:
        await _send(azure, call, action, doing=f"Undoing: {action.what}")
    if await is_owned(azure, action, request):
        raise TemporaryFailure(
            f"Azure still shows what was undone: {action.what}",
            code="StillThere",
            resource=action.creates or action.look.call.path,
            remedy="Run again. If it comes back each time, find in the activity log who makes it again.",
        )
    return Outcome(kind="removed", subject=action.subject)


async def is_owned(azure: AzureConnection, action: CutOverAction, request: RelocationRequest) -> bool:
    """Return whether this relocation made or changed something that can be undone."""
    if not action.creates:
        return await is_done(azure, action)
    doing = f"Looking whether {action.subject} is of this relocation"
    found = await azure.arm.find(action.creates, action.call.api_version, doing=doing)
    return found is not None and is_made_by(action, found, request)


async def _filled(azure: AzureConnection, action: CutOverAction, *, looking: bool = False) -> CutOverAction:
    """Return the action with its placeholders filled. When only looking, no secret is read."""
    wanted = [fill for fill in action.fills if not looking or fill.call.method == "GET"]
    return with_values(action, {fill.placeholder: await _value(azure, fill, action) for fill in wanted})


async def _value(azure: AzureConnection, fill: Placeholder, action: CutOverAction) -> str:
    doing = f"Looking up what is needed to {action.what}"
    answer = await _send(azure, fill.call, action, doing=doing)
    for path in fill.fields:
        found: Any = answer
        for step in path.split("."):
            found = (found or {}).get(step)
        if found:
            return str(found)
    raise TemporaryFailure(f"{doing} failed: it has no {' or '.join(fill.fields)} yet", resource=fill.call.path)


async def _send(azure: AzureConnection, call: ArmCall, action: CutOverAction, *, doing: str = "") -> Json:
    doing = doing or f"Trying to {action.what}"
    if call.method == "DELETE":
        await azure.arm.delete(call.path, call.api_version, doing=doing)
        return {}
    if call.method == "GET":
        return (await azure.arm.call("GET", call.path, call.api_version, doing=doing, query=call.query)).body
    if call.merge:
        return await put_merged(azure, call.path, call.api_version, call.body, doing=doing)
    change = {"PUT": azure.arm.put, "PATCH": azure.arm.patch, "POST": azure.arm.post}[call.method]
    return await change(call.path, call.api_version, call.body, doing=doing)


async def generate_password(azure: AzureConnection, registry_id: str, token: str, name: str) -> str:
    """Generate and return the token's password of that name. Azure shows it only once; the caller must not store it."""
    doing, body = f"Generating {name} of the token {token}", {"tokenId": f"{registry_id}/tokens/{token}"}
    path = f"{registry_id}/generateCredentials"
    return _told(await azure.arm.post(path, STABLE, body | {"name": name}, doing=doing), path)


def _told(answer: Json, path: str) -> str:
    """Return the password in the answer that generated it."""
    for password in answer.get("passwords") or ():
        if password.get("value"):
            return str(password["value"])
    raise RelocationError("A password was generated, but Azure did not return it", resource=path)
