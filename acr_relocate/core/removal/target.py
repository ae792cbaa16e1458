"""Rollback: remove exactly the resources that a relocation created.

The record of them is in Azure: its deployments name the resources that they deployed; resources of a cut-over have a
mark with their own id, or a name derived from the plan's. The plan's tag alone is no proof: policies copy tags.
Nothing is removed from the source, so nothing has to be restored there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.cut_over.alerts import ALERT_API_VERSIONS as ALERTS
from acr_relocate.core.dependencies import Dependency, Surroundings
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.whole_copy import (
    CopyCheck,
)
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, target_mark
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent

REGISTRY: Final = "microsoft.containerregistry/registries"
DEPLOYMENT_TYPE: Final = "microsoft.resources/deployments"
GROUP: Final = "microsoft.resources/resourcegroups"

# The types to remove, in this order: those that lead to the registry, the registry, leftovers of the deployment.
REMOVABLE: Final = {
    "microsoft.network/privateendpoints": "2024-05-01",
    "microsoft.network/privatednszones/virtualnetworklinks": "2024-06-01",
    "microsoft.eventgrid/systemtopics": "2022-06-15",
    **ALERTS,
    REGISTRY: "2025-11-01",
    DEPLOYMENT_TYPE: "2025-04-01",
    GROUP: "2024-11-01",
}


_WORDS: Final = {
    "microsoft.network/privateendpoints": "private endpoint",
    "microsoft.network/privatednszones/virtualnetworklinks": "DNS zone link",
    "microsoft.eventgrid/systemtopics": "event topic",
    **dict.fromkeys(ALERTS, "alert rule"),
    REGISTRY: "registry",
    DEPLOYMENT_TYPE: "deployment",
    GROUP: "resource group",
}


class OwnedResource(FrozenModel):
    """A resource that carries the plan's tag. `type` in lower case.

    `named`: a deployment of this relocation names it, or it is the group or the deployment that the request names.
    """

    id: str
    type: str
    named: bool = False

    @property
    def name(self) -> str:
        """Return its display name."""
        return f"{_WORDS.get(self.type, self.type)} {ResourceId(self.id).name}"


class RelocationTraces(FrozenModel):
    """Traces of a relocation, all read just now.

    `made`: resources with the plan's tag. `actions`: those of the cut-over with a trace that is ours. `switched`:
    dependents that are still as a switch left them. `source` and `target`: None if absent. `held` and `kept`: all
    content of source and target. `copy_check`: whether the source has every blob of the content that both hold.
    `is_part`: other sources have brought something to the target, so `kept` and the rest are this source's part alone,
    with `children`, the ids of the target's children that it alone brought.
    """

    request: RelocationRequest
    source: Registry | None
    target: Registry | None
    made: tuple[OwnedResource, ...] = ()
    actions: tuple[CutOverAction, ...] = ()
    switched: tuple[SwitchedDependent, ...] = ()
    around: Surroundings = Surroundings()
    held: Content = Content(login_server="")
    kept: Content = Content(login_server="")
    copy_check: CopyCheck = CopyCheck()
    is_part: bool = False
    children: tuple[str, ...] = ()


def removals(traces: RelocationTraces) -> tuple[OwnedResource, ...]:
    """Return the resources to delete, in order; a group only if it is empty then."""
    kinds = list(REMOVABLE)
    ours = (one for one in traces.made if _is_removed(one, traces))
    return tuple(sorted(ours, key=lambda one: kinds.index(one.type)))


def actions_to_undo(traces: RelocationTraces) -> tuple[CutOverAction, ...]:
    """Return the cut-over actions to undo one by one, the last first; the others go with their resource.

    Locks are always undone: they would prevent the deletion of their resource.
    """
    gone = tuple(f"{one.id.lower()}/" for one in removals(traces))
    return tuple(
        action
        for action in reversed(traces.actions)
        if action.undo and (action.kind == "lock" or not f"{action.undo[0].path.lower()}/".startswith(gone))
    )


def remaining_resources(traces: RelocationTraces) -> tuple[Dependency, ...]:
    """Return the resources of this relocation that are not removed, each with the command for it."""
    return (*_tagged_by_others(traces), *_passwords(traces))


def _passwords(traces: RelocationTraces) -> Iterator[Dependency]:
    """Yield the secrets with passwords of the target's tokens, which no longer open anything.

    A deleted secret stays in the vault for its retention period and blocks its name, so a person decides about it.
    """
    for secret in (action.secret for action in traces.actions if action.secret):
        yield Dependency(
            kind="key_vault",
            name=secret.vault,
            id=f"{secret.vault}/secrets/{secret.name}",
            found="the registry",
            strategy="manual",
            action=f"manual: its secret {secret.name} is the password of a token that is gone",
            manual=True,
            command=f"az keyvault secret delete --vault-name {secret.vault} --name {secret.name}",
        )


def _tagged_by_others(traces: RelocationTraces) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            kind="other_user",
            name=ResourceId(one.id).name,
            id=one.id,
            found="Resource Manager",
            strategy="manual",
            action="manual: it has the tag of this relocation, but nothing shows that the relocation made it",
            manual=True,
            command=f"az resource delete --ids {one.id}",
        )
        for one in traces.made
        if not _is_removed(one, traces)
    )


def _is_removed(made: OwnedResource, traces: RelocationTraces) -> bool:
    """Return whether a relocation makes this type, and a record of the relocation names the resource.

    A relocation makes one registry; that registry's tags name its source.
    """
    if made.type not in REMOVABLE:
        return False
    if made.type == REGISTRY:
        ours = made.named or _says_its_source(traces) or _is_last_part(traces)
        return made.id.lower() == traces.request.target_id.lower() and ours
    return made.named or made.id.lower() in {action.creates.lower() for action in traces.actions}


def _says_its_source(traces: RelocationTraces) -> bool:
    said = traces.target.tags.get(SOURCE_TAG, "") if traces.target else ""
    return said.lower() == traces.request.source.resource_id.lower()


def _is_last_part(traces: RelocationTraces) -> bool:
    """Return whether the target is that of several sources, and nothing of the others is left."""
    shared, target = traces.request.consolidation.sources, traces.target
    mark = target_mark(traces.request)
    return bool(shared) and not traces.is_part and target is not None and target.tags.get(PLAN_TAG) == mark


def reverse_request(request: RelocationRequest, location: str) -> RelocationRequest:
    """Return the request of the reverse direction, to point clients of the target at the source again."""
    source, target = request.source, request.target
    return RelocationRequest(
        source=RegistryRef(
            subscription_id=request.target_subscription_id, resource_group=target.resource_group, name=target.name
        ),
        target=TargetRef(
            subscription_id=source.subscription_id,
            resource_group=source.resource_group,
            name=source.name,
            location=location,
        ),
    )


def rollback_commands(traces: RelocationTraces) -> tuple[Dependency, ...]:
    """Return the users of the target, each with the command that points it at the source again."""
    if traces.source is None or traces.target is None:
        return ()
    return consumers(traces.target, traces.around, reverse_request(traces.request, traces.source.location))
