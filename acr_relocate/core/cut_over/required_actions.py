"""The Azure actions that a cut-over needs: derived from its calls, so that none can be forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from acr_relocate.core.access.permissions import granting, missing_actions, target_group
from acr_relocate.core.access.required_actions import actions_of
from acr_relocate.core.access.roles import DEPLOYMENTS, NETWORKS
from acr_relocate.core.cut_over.arm_calls import ArmCall
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.alerts import action_groups
from acr_relocate.core.evidence.azure_facts import PermissionSet
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.required_actions import rights_to_switch

VERBS: Final = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
SAID_ALREADY: Final = ("roles_cannot_be_assigned", "token_passwords_cannot_be_generated")
"""The checks of the same rights, at the target's resource group alone."""


def rights(actions: Iterable[CutOverAction], request: RelocationRequest) -> dict[str, tuple[str, ...]]:
    """Return the actions that the calls need, by the id of the existing resource at which they must be granted."""
    found: dict[str, set[str]] = defaultdict(set)
    for action in actions:
        if action.former:
            for place, needed in _of_switch(action.former, request):
                found[place].add(needed)
            continue
        calls = (action.call, action.mark, action.look.call, *(fill.call for fill in action.fills))
        for call in filter(None, calls):
            is_of_what_is_there = action.call.merge and call.path == action.call.path
            found[call.path if is_of_what_is_there else _place(call, request)].add(action_of(call))
        for place, beside in _beside(action.call):
            found[place].add(beside)
    return {place: tuple(sorted(found[place])) for place in sorted(found)}


def _of_switch(former: SwitchedDependent, request: RelocationRequest) -> Iterator[tuple[str, str]]:
    """Yield what a switch needs: its own calls, and to record the former value."""
    yield from rights_to_switch(former)
    for verb in ("read", "write", "delete"):
        yield ResourceId(request.source.resource_id).group_id, f"{DEPLOYMENTS}/{verb}"


def missing_cut_over_rights(
    needed: Mapping[str, tuple[str, ...]],
    granted: Mapping[str, tuple[PermissionSet, ...] | Unknown | None],
    request: RelocationRequest,
) -> tuple[Finding, ...]:
    """Return a finding for each scope at which the running identity lacks actions for the cut-over."""
    said = {action for check in SAID_ALREADY for action in actions_of(check)}
    found = []
    for place, actions in needed.items():
        asked = [one for one in actions if one not in said or place != target_group(request)]
        if lacks := missing_actions(asked, granted.get(place)):
            found.append(
                Finding(
                    code="cut_over_not_allowed",
                    severity="decision",
                    message=f"To cut over, the running identity lacks {', '.join(lacks)} at {place}.",
                    remedy=granting(lacks[0], place, "acr-relocate cut-over"),
                    resource=place,
                )
            )
    return tuple(found)


def action_of(call: ArmCall) -> str:
    """Return the access control action of the call."""
    namespace, *rest = call.path.rpartition("/providers/")[2].split("/")
    kinds = rest[::2]  # with the verb of a POST, which stands where a kind would
    return "/".join([namespace, *kinds, VERBS[call.method]])


def _place(call: ArmCall, request: RelocationRequest) -> str:
    """Return the target's group for resources to be created there, else the resource, or the group of a new one."""
    group, _, rest = call.path.partition("/providers/")
    if group.lower() == target_group(request).lower():
        return target_group(request)
    resource = f"{group}/providers/{'/'.join(rest.split('/')[:3])}"
    return group if resource == call.path else resource


def _beside(call: ArmCall) -> Iterator[tuple[str, str]]:
    """Yield the further actions that a call needs beside that of its path, with their scopes.

    The link of a zone joins its network, and the new endpoint's names the zone (learn.microsoft.com/azure/private-link/
    rbac-permissions); a rule for a subnet joins that. A command in a cluster has a result to read (aks/
    access-private-cluster, "Prerequisites"). Creating an alert rule reads its action groups (azure-monitor/alerts/
    alerts-create-new-alert-rule).
    """
    own = call.body.get("properties") or {}
    for group in action_groups(own):
        yield group, "Microsoft.Insights/actionGroups/read"
    for rule in (own.get("networkRuleSet") or {}).get("virtualNetworkRules") or ():
        yield str(rule["virtualNetworkSubnetResourceId"]), f"{NETWORKS}/subnets/joinViaServiceEndpoint/action"
    network = own.get("virtualNetwork")
    if isinstance(network, dict):
        yield str(network["id"]), f"{NETWORKS}/join/action"
        yield call.path.rpartition("/virtualNetworkLinks/")[0], "Microsoft.Network/privateDnsZones/join/action"
    cluster, _, verb = call.path.rpartition("/")
    if verb == "runCommand":
        yield cluster, "Microsoft.ContainerService/managedClusters/commandResults/read"
