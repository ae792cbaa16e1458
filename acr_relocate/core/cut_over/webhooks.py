"""Webhooks: enable those that were deployed disabled, and let each call its receiver once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import PingReceiver
from acr_relocate.core.cut_over.model import CutOverAction, enable_action
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.target.children.webhooks import is_enabled


def webhook_actions(cut: CutOverContext, later: dict[str, Any]) -> Iterator[CutOverAction]:
    """Yield the enabling of the webhooks in `later` (core.target.Design.deferred), then the first call of each."""
    silent = later.get("webhooks", {})
    for name, status in silent.items():
        yield _enable(cut, name, status)
    for webhook in cut.target.children_of("webhooks"):
        if is_enabled(webhook) or webhook.name in silent:
            yield _ping(cut, webhook.name)


def _enable(cut: CutOverContext, name: str, status: dict[str, Any]) -> CutOverAction:
    what = f"enable the webhook {name}, which was deployed disabled so that no push before calls its receiver"
    path = f"{cut.request.target_id}/webhooks/{name}"
    return enable_action("webhooks", path, STABLE, status, {"status": "disabled"}, what=what, wave=1)


def _ping(cut: CutOverContext, name: str) -> CutOverAction:
    """Return the first call of a webhook: it shows at once whether the receiver allows the new region."""
    webhook = f"{cut.request.target_id}/webhooks/{name}"
    pinged = {"eventRequestMessage": {"content": {"action": "ping"}}}
    return CutOverAction(
        id=f"{webhook.lower()}/ping",
        kind="webhooks",
        subject=f"ping of {name}",
        what=f"let the webhook {name} call its receiver once",
        call=ArmCall(method="POST", path=f"{webhook}/ping", api_version=STABLE),
        look=DoneWhen(
            call=ArmCall(method="POST", path=f"{webhook}/listEvents", api_version=STABLE), expected=pinged, listed=True
        ),
        effect=PingReceiver(),
        wave=2,
    )
