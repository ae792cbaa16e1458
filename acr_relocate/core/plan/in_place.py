"""Whether the target registry already has the planned state, so that nothing needs to be deployed."""

from typing import Any

from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import PLAN_TAG, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.edited_template import target_design
from acr_relocate.core.verification import Difference, compare_settings, unclean


def is_in_place(
    target: Registry | None,
    source: Registry,
    request: RelocationRequest,
    edited: dict[str, Any] | None = None,
    *,
    recorded: bool = True,
) -> bool:
    """Return whether the target has this plan's tag, and no setting or child differs beyond the announced changes.

    A deployment that failed half-way leaves the tag and a difference, so it is repeated. `recorded`: of several
    sources, this one's deployment is the record of what it has brought.
    """
    if not recorded or target is None or target.tags.get(PLAN_TAG) != target_mark(request):
        return False
    return not settings_to_deploy(target, source, request, edited)


def settings_to_deploy(
    target: Registry, source: Registry, request: RelocationRequest, edited: dict[str, Any] | None = None
) -> tuple[Difference, ...]:
    """Return the settings and children of the target that a deployment has to create or change."""
    deferred = target_design(source, request, edited).deferred
    return tuple(unclean(compare_settings(source, target, request, deferred, edited)))
