"""Whether a cut-over or a deletion may begin now: what the request and its maintenance window say."""

from datetime import UTC, datetime

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.removal.kept_name import deletion_window
from acr_relocate.core.request.maintenance_window import Window, describe_window, is_open
from acr_relocate.core.request.relocation import RelocationRequest


def cut_over_later(request: RelocationRequest) -> str:
    """Return why the cut-over is not for now, and when it is; empty if it is."""
    if not request.cut_over:
        return "later: acr-relocate cut-over"
    moment = now()
    return "" if is_open(request.window, moment) else f"the window opens on {describe_window(request.window, moment)}"


def require_window(request: RelocationRequest) -> None:
    """Raise NotRelocated outside of the request's maintenance window."""
    _require_open(request.window, "cut-over", request)


def require_window_to_delete(request: RelocationRequest) -> None:
    """Raise NotRelocated if the name is kept and its maintenance window has closed: no pull would succeed."""
    _require_open(deletion_window(request), "deletion", request)


def _require_open(window: Window, what: str, request: RelocationRequest) -> None:
    moment = now()
    if not is_open(window, moment):
        raise NotRelocated(
            f"The {what} of {request.source.name} may begin in its maintenance window only; nothing was changed.",
            code="OutsideWindow",
            resource=request.target_id,
            remedy=f"The window opens on {describe_window(window, moment)}. Run again then, or change window.",
        )


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
