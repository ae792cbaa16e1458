"""Point AKS clusters that bootstrap from the source at the target; nodes use it from their next image on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import ChangeResource
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.bootstrap import PROFILE, started_from, to_point, to_renew_nodes, why_unfit
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items

_CLUSTERS: Final = "2025-10-01"
"""The first stable api-version that has `bootstrapProfile`; an older one would drop it from a PUT."""


def bootstrap_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the update of each cluster whose nodes bootstrap from the source, or from the target since."""
    clusters = readable_items(cut.scene.around.clusters)
    for cluster in (*started_from(cut.source, clusters), *started_from(cut.target, clusters)):
        yield _pointed(cut, cluster)


def _pointed(cut: CutOverContext, cluster: Json) -> CutOverAction:
    """Return the change of the profile alone: all other settings are sent as they are at that moment."""
    path, name = str(cluster["id"]), str(cluster["name"])
    there, before = _profile(cut.request.target_id), _profile(cut.source.id)
    unfit = why_unfit(cut.target)
    is_stopped = str((properties(cluster).get("powerState") or {}).get("code") or "").lower() == "stopped"
    return CutOverAction(
        id=f"{path.lower()}/{PROFILE.lower()}",
        kind="bootstrap_registry",
        about=(f"{path}/{PROFILE}",),
        subject=f"bootstrap registry of {name}",
        what=f"let the nodes of {name} start from {cut.request.target.name}",
        call=ArmCall(method="PUT", path=path, api_version=_CLUSTERS, body=there, merge=True),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version=_CLUSTERS), expected=there),
        refused=unfit or ("it is stopped, and AKS cannot change a stopped cluster" if is_stopped else ""),
        instead=to_point(cut.scene, cluster),
        leaves=to_renew_nodes(cut.scene, cluster),
        effect=ChangeResource(
            restore=(ArmCall(method="PUT", path=path, api_version=_CLUSTERS, body=before, merge=True),)
        ),
        wave=3,
    )


def _profile(registry_id: str) -> Json:
    return {"properties": {PROFILE: {"artifactSource": "Cache", "containerRegistryId": registry_id}}}
