"""The second hop of a relocation that keeps the name: from the intermediate registry to the freed name."""

from __future__ import annotations

from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import TargetRef
from acr_relocate.core.request.relocation import RelocationRequest


def second_hop(request: RelocationRequest) -> RelocationRequest:
    """Return the relocation from the intermediate registry to one with the source's name, in the same region.

    All that the source was is at the intermediate registry by then, as the first hop has brought and compared it: so
    this one needs no corrections of the request. It asks no one, because nothing can be pulled meanwhile; the
    approval of the deletion covers it.
    """
    there = TargetRef(
        name=request.source.name,
        location=request.target.location,
        resource_group=request.target.resource_group,
        subscription_id=request.target_subscription_id,
    )
    corrected = {"subnets": {}, "replacements": {}, "prune": False, "prune_unselected": False, "force": False}
    corrected |= {"via_replica": False}
    at_once = {"window": Window(), "approvals": [Stage.BEFORE_DELETE], "workers": 1}
    return request.model_copy(update={"source": target_ref(request), "target": there, **corrected, **at_once})


def at_any_time(request: RelocationRequest) -> RelocationRequest:
    """Return the first hop without the maintenance window, which is for the deletion: it only adds.

    Without a replica of the source for the imports, too: `run` and `sync` use one before.
    """
    return request.model_copy(update={"window": Window(), "via_replica": False})
