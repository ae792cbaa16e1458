"""Actions deferred until a clean verification: policies that delete, hide or close, triggered tasks, and locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import ChangeResource
from acr_relocate.core.cut_over.model import CutOverAction, create_action, enable_action
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.registry.resource_types import TASKS

LOCK_CHANGES_API: Final = "2020-05-01"


def deferred_policy_actions(cut: CutOverContext, later: dict[str, Any]) -> Iterator[CutOverAction]:
    """Yield the actions for `later` (core.target.Design.deferred), then the locks, which end all changes."""
    if held := later.get("policies"):
        yield _policies(cut, held)
    for task, status in later.get("tasks", {}).items():
        yield _task(cut, task, status)
    for lock in readable_items(cut.scene.around.locks):
        if not (cut.scene.is_inherited(lock.scope) and cut.scene.covers_target(lock.scope)):
            yield _lock(cut, lock)


def _policies(cut: CutOverContext, held: dict[str, Any]) -> CutOverAction:
    """Return the update. All policies are sent: Azure replaces the object as a whole."""
    target_id, version = cut.request.target_id, cut.source.api_versions.fullest
    deployed = cut.target.properties.get("policies") or {}
    before = {name: {"status": _other(policy)} for name, policy in held.items()}
    return CutOverAction(
        id=f"{target_id.lower()}/policies",
        kind="policies",
        subject=", ".join(sorted(held)),
        what=f"set {', '.join(sorted(held))} as at {cut.source.name}",
        call=ArmCall(
            method="PATCH",
            path=target_id,
            api_version=version,
            body={"properties": {"policies": {**deployed, **held}}},
        ),
        look=DoneWhen(
            call=ArmCall(method="GET", path=target_id, api_version=version), expected={"properties": {"policies": held}}
        ),
        effect=ChangeResource(
            restore=(
                ArmCall(
                    method="PATCH",
                    path=target_id,
                    api_version=version,
                    body={"properties": {"policies": {**deployed, **before}}},
                ),
            )
        ),
    )


def _other(policy: dict[str, Any]) -> str:
    """Return the status with which the policy is deployed: the opposite of the deferred one."""
    return "disabled" if str(policy.get("status") or "").lower() == "enabled" else "enabled"


def _task(cut: CutOverContext, name: str, status: dict[str, Any]) -> CutOverAction:
    what = f"enable the task {name}, which was deployed disabled so that it does not run at both registries"
    path = f"{cut.request.target_id}/tasks/{name}"
    return enable_action("tasks", path, TASKS, status, {"status": "Disabled"}, what=what)


def _lock(cut: CutOverContext, lock: Lock) -> CutOverAction:
    path = f"{cut.request.target_id}/providers/Microsoft.Authorization/locks/{lock.name}"
    own = {"level": lock.level, "notes": "acr-relocate: as at the source"}
    return create_action(
        "lock",
        lock.name,
        f"lock {cut.request.target.name} as {cut.source.name} is: {lock.level}",
        path,
        LOCK_CHANGES_API,
        {"properties": own},
        expected={"properties": {"level": lock.level}},
        about=(f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}",),
        wave=1,
    )
