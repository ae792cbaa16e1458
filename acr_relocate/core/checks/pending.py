"""The findings about changes of killed runs, for every command that only reads; the others restore them first."""

from acr_relocate.core.checks.read_failures import unread_violation
from acr_relocate.core.content.source_freeze import NOTHING_PENDING, PendingRestores, SourceFreeze, restore_findings
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Content


def pending_findings(
    source_id: str, content: Content | Unknown, pending: PendingRestores | Unknown
) -> tuple[Finding, ...]:
    """Return what killed runs left changed at source and target, or that it could not be read.

    `content`: of the source. Without it, nothing is said about locks that only look like a freeze.
    """
    held = content if isinstance(content, Content) else Content(login_server="")
    if not isinstance(pending, Unknown):
        return restore_findings(source_id, held, pending)
    unread = (_unread(source_id, pending),) if pending.asked else ()
    return (*unread, *restore_findings(source_id, held, NOTHING_PENDING))


def _unread(source_id: str, pending: Unknown) -> Finding:
    message, remedy, scope = unread_violation([pending.what], pending)
    resource = scope or source_id
    return Finding(code="could_not_be_read", severity="warning", message=message, remedy=remedy, resource=resource)


def known_freezes(pending: PendingRestores | Unknown) -> tuple[SourceFreeze, ...]:
    """Return the freezes of the source that are not released; none if they are unknown."""
    return () if isinstance(pending, Unknown) else tuple(each.freeze for each in pending.freezes)
