"""Whether a cut-over may begin now: what the request and its maintenance window say."""

from datetime import UTC, datetime

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.request.maintenance_window import describe_window, is_open
from acr_relocate.core.request.relocation import RelocationRequest


def cut_over_later(request: RelocationRequest) -> str:
    """Return why the cut-over is not for now, and when it is; empty if it is."""
    if not request.cut_over:
        return "later: acr-relocate cut-over"
    moment = now()
    return "" if is_open(request.window, moment) else f"the window opens on {describe_window(request.window, moment)}"


def require_window(request: RelocationRequest) -> None:
    """Raise NotRelocated outside of the request's maintenance window."""
    moment = now()
    if not is_open(request.window, moment):
        raise NotRelocated(
            f"The cut-over of {request.source.name} may begin in its maintenance window only; nothing was changed.",
            code="OutsideWindow",
            resource=request.target_id,
            remedy=f"The window opens on {describe_window(request.window, moment)}. Run again then, or change window.",
        )


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
