"""The way back: what a relocation has made is removed, and nothing else; what forbids that, and what a person is asked.

The record of what it made is in Azure: every resource that can have tags has the plan's, and what cannot has a name
that is made of the plan's. Nothing is taken from the source, so there is nothing to give back to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.approval.decision import ApprovalSubject
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.cut_over.alerts import KINDS as ALERTS
from acr_relocate.core.dependencies import KINDS, Dependency, Surroundings
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.resource_ids import name_of
from acr_relocate.core.removal.source_evidence import first_names, repositories_only_in
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import RegistryRef, RelocationRequest, TargetRef

REGISTRY: Final = "microsoft.containerregistry/registries"
DEPLOYMENT: Final = "microsoft.resources/deployments"
GROUP: Final = "microsoft.resources/resourcegroups"

# What is removed, in this order: what leads to the registry, the registry, what is left of making it.
REMOVABLE: Final = {
    "microsoft.network/privateendpoints": "2024-05-01",
    "microsoft.network/privatednszones/virtualnetworklinks": "2024-06-01",
    "microsoft.eventgrid/systemtopics": "2022-06-15",
    **ALERTS,
    REGISTRY: "2025-11-01",
    DEPLOYMENT: "2025-04-01",
    GROUP: "2024-11-01",
}


WORDS: Final = {
    "microsoft.network/privateendpoints": "private endpoint",
    "microsoft.network/privatednszones/virtualnetworklinks": "DNS zone link",
    "microsoft.eventgrid/systemtopics": "event topic",
    **dict.fromkeys(ALERTS, "alert rule"),
    REGISTRY: "registry",
    DEPLOYMENT: "deployment",
    GROUP: "resource group",
}


class OwnedResource(FrozenModel):
    """A resource that carries the plan's tag. `type` in lower case."""

    id: str
    type: str

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{WORDS.get(self.type, self.type)} {name_of(self.id)}"


class RelocationTraces(FrozenModel):
    """What there is of a relocation, all of it read just now.

    `made`: with the plan's tag. `actions`: those of the cut-over of which something is there that is ours. `source`
    and `target` None: not there. `held` and `kept`: all that source and target hold.
    """

    request: RelocationRequest
    source: Registry | None
    target: Registry | None
    made: tuple[OwnedResource, ...] = ()
    actions: tuple[CutOverAction, ...] = ()
    around: Surroundings = Surroundings()
    held: Content = Content(login_server="")
    kept: Content = Content(login_server="")


def obstacles(traces: RelocationTraces) -> tuple[Finding, ...]:
    """Return everything that forbids the way back. No approval helps against any of it."""
    return (*_no_source(traces), *_foreign_target(traces), *_bound(traces), *_foreign_locks(traces))


def removals(traces: RelocationTraces) -> tuple[OwnedResource, ...]:
    """Return what is removed as a whole, in order; a group only if nothing is left in it."""
    kinds = list(REMOVABLE)
    ours = (one for one in traces.made if _is_removed(one, traces.request))
    return tuple(sorted(ours, key=lambda one: kinds.index(one.type)))


def actions_to_undo(traces: RelocationTraces) -> tuple[CutOverAction, ...]:
    """Return the actions of the cut-over that are undone one by one, the last first; the rest goes with its resource.

    Locks are always: they would keep their resource from going.
    """
    gone = tuple(f"{one.id.lower()}/" for one in removals(traces))
    return tuple(
        action
        for action in reversed(traces.actions)
        if action.undo and (action.kind == "lock" or not f"{action.undo[0].path.lower()}/".startswith(gone))
    )


def remaining_resources(traces: RelocationTraces) -> tuple[Dependency, ...]:
    """Return what is of this relocation and is not removed, with the command for it."""
    return (*_tagged_by_others(traces), *_passwords(traces))


def _passwords(traces: RelocationTraces) -> Iterator[Dependency]:
    """Yield the secrets with passwords of the target's tokens: they open nothing any more.

    A vault keeps what was deleted for as long as it likes, and its name with it, so that a person decides about it.
    """
    for secret in (action.secret for action in traces.actions if action.secret):
        yield Dependency(
            kind="key_vault",
            name=secret.vault,
            id=f"{secret.vault}/secrets/{secret.name}",
            found="the registry",
            strategy="by hand",
            action=f"by hand: its secret {secret.name} is the password of a token that is gone",
            by_hand=True,
            command=f"az keyvault secret delete --vault-name {secret.vault} --name {secret.name}",
        )


def _tagged_by_others(traces: RelocationTraces) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            kind="other_user",
            name=name_of(one.id),
            id=one.id,
            found="Resource Manager",
            strategy="by hand",
            action="by hand: it has the tag of this relocation, which has not made it",
            by_hand=True,
            command=f"az resource delete --ids {one.id}",
        )
        for one in traces.made
        if not _is_removed(one, traces.request)
    )


def _is_removed(made: OwnedResource, request: RelocationRequest) -> bool:
    """Whether it is of a type that a relocation makes. Of registries it makes one: another has only copied its tags."""
    return made.type in REMOVABLE and (made.type != REGISTRY or made.id.lower() == request.target_id.lower())


def discard_of(traces: RelocationTraces) -> ApprovalSubject:
    """Return what a person is asked before the relocation is taken back: all that is removed, by name."""
    request, whole, parts = traces.request, removals(traces), actions_to_undo(traces)
    lost = repositories_only_in(traces.kept, traces.held)
    also = f" Lost, because only the target has it: {first_names(lost)}." if lost else ""
    listed = [one.name for one in whole] + [_named(action) for action in parts]
    return ApprovalSubject(
        stage=Stage.BEFORE_DELETE,
        question=f"Take back the relocation of {request.source.name} to {request.target.name}? Removed, and nothing "
        f"else: {'; '.join(listed)}.{also} {request.source.name} stays as it is.",
        typed=request.target.name,
        facts={
            "relocation": {relocation_id(request): ""},
            "removed": {one.id: one.type for one in whole},
            "taken back": {action.id: action.what for action in parts},
            "only at the target": dict.fromkeys(lost, ""),
        },
    )


def _named(action: CutOverAction) -> str:
    return f"{KINDS[action.kind].label} {action.subject}" if action.kind in KINDS else action.subject


def reverse_request(request: RelocationRequest, location: str) -> RelocationRequest:
    """Return the request of the way back: from the target to the source, for whoever is pointed at it again."""
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
    """Return who uses the target now, each with the command that points it at the source again."""
    if traces.source is None or traces.target is None:
        return ()
    return consumers(traces.target, traces.around, reverse_request(traces.request, traces.source.location))


def _no_source(traces: RelocationTraces) -> Iterator[Finding]:
    if traces.source is None:
        yield _obstacle(
            "source_is_gone",
            f"{traces.request.source.name} is not there any more, so {traces.request.target.name} is all there is",
            "Relocate from the target instead, with a request of its own.",
            traces.request.source.resource_id,
        )


def _foreign_target(traces: RelocationTraces) -> Iterator[Finding]:
    target, expected = traces.target, relocation_id(traces.request)
    if target is not None and target.tags.get(PLAN_TAG) != expected:
        yield _obstacle(
            "target_is_of_another_relocation",
            f"{target.name} has not the tag {PLAN_TAG}={expected}: this relocation did not make it",
            "Give the request with which it was made, or delete it by hand.",
            target.id,
        )


def _bound(traces: RelocationTraces) -> Iterator[Finding]:
    for entry in rollback_commands(traces):
        yield _obstacle(
            "consumer_uses_target",
            f"{entry.label} {entry.name} uses the target: {entry.tie}",
            f"# Point it at the source again, then run again:\n{entry.command}",
            entry.id,
        )


def _foreign_locks(traces: RelocationTraces) -> Iterator[Finding]:
    ours = {action.own.lower() for action in traces.actions}
    for lock in readable_items(traces.around.locks):
        if f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}".lower() not in ours:
            yield _obstacle(
                "locked_by_somebody_else",
                f"the lock {lock.name} ({lock.level}) at {lock.scope} is not of this relocation",
                "Who set it has to lift it.",
                lock.scope,
            )


def _obstacle(code: str, message: str, remedy: str, resource: str) -> Finding:
    return Finding(code=code, severity="blocker", message=message, remedy=remedy, resource=resource)
