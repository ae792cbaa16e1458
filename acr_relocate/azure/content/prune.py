"""Delete tags at the target, compared with both registries right before and right after."""

from __future__ import annotations

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.displaced import displaced, newest, restore_tag
from acr_relocate.core.content.import_ledger import DeletedTag
from acr_relocate.core.outcomes import Outcome


async def prune(source: DataPlane, target: DataPlane, tag: DeletedTag) -> Outcome:
    """Delete the tag at the target, unless the source still has it, or somebody has moved it at the target.

    A listing omits hidden tags (listEnabled=false), so the source is asked for the tag itself; not for one that the
    selection leaves out.
    """
    if not tag.unselected and await source.head_digest(tag.repository, tag.tag) is not None:
        return Outcome(kind="skipped", subject=tag.name, reason="the source has it, though it does not list it")
    before = await newest(target, tag.repository)
    held = await target.head_digest(tag.repository, tag.tag)
    if held is None:
        return Outcome(kind="already_there", subject=tag.name)
    if held != tag.digest:
        return Outcome(kind="skipped", subject=tag.name, reason=f"it now names {held} at the target")
    await target.delete(tag.repository, tag.tag)
    if theirs := await displaced(source, target, tag.repository, before):
        reason = await restore_tag(target, tag.repository, tag.tag, theirs)
        return Outcome(kind="skipped", subject=tag.name, reason=reason)
    return Outcome(kind="created", subject=tag.name)
