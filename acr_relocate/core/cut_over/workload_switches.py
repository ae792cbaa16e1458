"""AKS clusters whose workloads are to be switched."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.pull_tests import why_no_commands
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, is_selected, target_server
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.dependencies.workloads import to_rename
from acr_relocate.core.switching import SwitchedDependent

_CLUSTERS: Final = "2025-05-01"


def workload_switches(cut: CutOverContext) -> Iterator[SwitchCandidate]:
    """Yield the selected clusters whose nodes have a role at the source, or whose logs show its images."""
    holders = {
        str(properties(one).get("principalId")).lower() for one in readable_items(cut.scene.around.role_assignments)
    }
    for cluster in readable_items(cut.scene.around.clusters):
        kubelet = (properties(cluster).get("identityProfile") or {}).get("kubeletidentity") or {}
        may_pull = str(kubelet.get("objectId") or "").lower() in holders
        running = readable_items(cut.scene.around.running.get(str(cluster["id"]).lower(), ()))
        if (may_pull or running) and is_selected(cut, "cluster", cluster):
            yield _candidate(cut, cluster)


def _candidate(cut: CutOverContext, cluster: Json) -> SwitchCandidate:
    path = str(cluster["id"])
    call = ArmCall(method="POST", path=f"{path}/runCommand", api_version=_CLUSTERS)
    return SwitchCandidate(
        kind="cluster",
        path=path,
        call=call,
        facts=partial(_facts, cut, path),
        look=partial(_look, path),
        refused=why_no_commands(cluster),
        leaves=to_rename(cut.scene, cluster),
    )


def _look(path: str, former: SwitchedDependent) -> DoneWhen:
    """Return a test that is never satisfied: nothing that may be read from outside shows a cluster's workloads."""
    del former
    call = ArmCall(method="GET", path=path, api_version=_CLUSTERS)
    return DoneWhen(call=call, expected={"properties": {"workloads": True}})


def _facts(cut: CutOverContext, path: str) -> SwitchedDependent:
    """Return the facts that are known before a command has run in the cluster."""
    return SwitchedDependent(
        registry_id=cut.source.id.lower(),
        kind="cluster",
        dependent_id=path,
        source_server=cut.source.login_server,
        target_server=target_server(cut),
        namespaces=tuple(cut.request.switch.namespaces),
    )
