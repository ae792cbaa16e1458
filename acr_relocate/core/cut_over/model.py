"""The actions of a cut-over as data: each with its call, the test that it is done, and its undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json, Placeholder, text_with, with_texts
from acr_relocate.core.cut_over.effects import (
    ChangeResource,
    CreateResource,
    Effect,
    Secret,
    StorePassword,
    SwitchDependent,
    TryPull,
)
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import MADE_TAG, PART_TAG, PLAN_TAG, made_mark, relocation_id, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent

PRINCIPAL: Final = "PRINCIPAL-ID"
"""Placeholder for the principal of an identity that Azure has yet to create."""

NAMESPACE: Final = UUID("0d9f7b52-6a0e-5c0e-9d4c-8a3c5f6b2e11")
"""For names that Azure requires to be GUIDs: the same action always gets the same name."""


class CutOverAction(FrozenModel):
    """One action of the cut-over. `kind` is that of the dependency; `id` is always the same for the same action.

    `what` describes it; `effect` has what only its kind has. `refused`: why it is not done, though somebody may expect
    it. `wave`: it runs after lower ones. `about`: the ids of the map's dependencies that it serves; `leaves`: the
    commands for their remaining manual steps. Where it may not be done, `instead` is the command for a person, if
    there is one.
    """

    id: str
    kind: str
    subject: str
    what: str
    call: ArmCall
    look: DoneWhen
    effect: Effect
    fills: tuple[Placeholder, ...] = ()
    about: tuple[str, ...] = ()
    leaves: str = ""
    instead: str = ""
    refused: str = ""
    wave: int = 0

    @property
    def creates(self) -> str:
        """The id of the resource that it creates, or an empty string."""
        return self.call.path if isinstance(self.effect, CreateResource) else ""

    @property
    def secret(self) -> Secret | None:
        """The secret that it stores."""
        return self.effect.secret if isinstance(self.effect, StorePassword) else None

    @property
    def mark(self) -> ArmCall | None:
        """The call that records its success."""
        return self.effect.mark if isinstance(self.effect, TryPull) else None

    @property
    def former(self) -> SwitchedDependent | None:
        """The former value of the dependent that it switches."""
        return self.effect.former if isinstance(self.effect, SwitchDependent) else None

    @property
    def undo(self) -> tuple[ArmCall, ...]:
        """The calls that undo it; without any, `no_undo` says why."""
        if isinstance(self.effect, CreateResource):
            return (ArmCall(method="DELETE", path=self.call.path, api_version=self.call.api_version),)
        return self.effect.restore if isinstance(self.effect, ChangeResource) else ()

    @property
    def no_undo(self) -> str:
        """The reason why there is nothing to undo, or an empty string."""
        return _NO_UNDO.get(self.effect.type, "")


_NO_UNDO: Final = {
    "store_password": "the password goes with the target; a person deletes its secret, which stays in the key vault",
    "try_pull": "a pull changes nothing; its mark goes with the role",
    "ping_receiver": "a call has been made, and nothing remains of it",
    "switch": "the record of its former value in Azure is what undoes it",
}


def missing_principal(action: CutOverAction, code: str) -> str:
    """Return why Azure will always refuse the role, with the remedy for a person; otherwise an empty string.

    A principal created in this run is only not known yet; one that holds a role at the source is gone.
    """
    if code.lower() != "principalnotfound" or action.fills:
        return ""
    return (
        "the principal is not in the directory any more, so it cannot get the role. To remove the assignment "
        f"at the source: az role assignment delete --ids {' '.join(action.about) or 'ASSIGNMENT-ID'}"
    )


def not_assignable(action: CutOverAction, code: str) -> str:
    """Return why the target does not know the role, with the remedy for a person; otherwise an empty string."""
    if code.lower() != "roledefinitiondoesnotexist":
        return ""
    role = str((action.call.body.get("properties") or {}).get("roleDefinitionId", "")).rsplit("/", 1)[-1]
    scope = ResourceId(action.call.path.partition("/providers/Microsoft.Authorization")[0]).group_id
    return (
        f"the custom role {role} is not assignable at the target. Add {scope} to its assignableScopes, then run again: "
        f"az role definition list --name {role} > role.json; az role definition update --role-definition role.json"
    )


class CutOver(FrozenModel):
    """The actions for everything that depends on a registry.

    `deferred` only after a clean verification; then `switches`, if the request wants dependents to be switched.
    """

    actions: tuple[CutOverAction, ...] = ()
    deferred: tuple[CutOverAction, ...] = ()
    switches: tuple[CutOverAction, ...] = ()


def is_made_by(action: CutOverAction, found: Json, request: RelocationRequest) -> bool:
    """Return whether the resource that the action creates, as found, was created by this relocation.

    The plan's tag alone is no proof, because policies copy tags to other people's resources: the mark has the
    resource's own id. A resource without tags has a name that only we give it; a lock is named as at the source, and
    its notes are ours.
    """
    if isinstance(action.effect, CreateResource) and action.effect.tagged:
        tags, relocation = found.get("tags") or {}, relocation_id(request)
        return tags.get(PLAN_TAG) == relocation and tags.get(MADE_TAG) == made_mark(relocation, action.creates)
    notes = (action.call.body.get("properties") or {}).get("notes")
    return notes is None or (found.get("properties") or {}).get("notes") == notes


def with_values(action: CutOverAction, values: Mapping[str, str]) -> CutOverAction:
    """Return the action with the placeholders replaced, in its calls and in the expected answer."""
    return action.model_copy(
        update={
            "call": with_texts(action.call, values),
            "look": action.look.model_copy(update={"expected": text_with(action.look.expected, values)}),
            "effect": _effect_with(action.effect, values),
            "fills": (),
        }
    )


def _effect_with(effect: Effect, values: Mapping[str, str]) -> Effect:
    match effect:
        case ChangeResource(restore=restore):
            return ChangeResource(restore=tuple(with_texts(call, values) for call in restore))
        case TryPull(mark=mark):
            return TryPull(mark=with_texts(mark, values))
        case _:
            return effect


def guid(request: RelocationRequest, *parts: str) -> str:
    """Return the GUID for a resource of this relocation."""
    return str(uuid5(NAMESPACE, json.dumps([relocation_id(request), *(part.lower() for part in parts)])))


def ownership_tags(request: RelocationRequest, tags: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the tags, with the one that names the relocation."""
    return {**(tags or {}), PLAN_TAG: relocation_id(request)}


def target_tags(request: RelocationRequest) -> dict[str, str]:
    """Return the tags of what all sources of a target share, such as its resource group."""
    return {PLAN_TAG: target_mark(request)}


def record_tags(request: RelocationRequest) -> dict[str, str]:
    """Return the tags of the deployment that is the record of what a source brought."""
    return ownership_tags(request) | ({PART_TAG: target_mark(request)} if request.consolidation.sources else {})


def create_action(  # noqa: PLR0913 - an action is all of this
    kind: str,
    subject: str,
    what: str,
    path: str,
    api_version: str,
    body: Json,
    *,
    expected: Json | None = None,
    wave: int = 0,
    fills: tuple[Placeholder, ...] = (),
    about: tuple[str, ...] = (),
) -> CutOverAction:
    """Return the action that creates a resource at `path`, and whose undo deletes it.

    A resource with the plan's tag also gets the mark with its own id: a copied tag does not make it ours.
    """
    if PLAN_TAG in (tags := body.get("tags") or {}):
        body = body | {"tags": tags | {MADE_TAG: made_mark(tags[PLAN_TAG], path)}}
    return CutOverAction(
        id=path.lower(),
        kind=kind,
        subject=subject,
        what=what,
        call=ArmCall(method="PUT", path=path, api_version=api_version, body=body),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version=api_version), expected=expected),
        fills=fills,
        about=about,
        wave=wave,
        effect=CreateResource(tagged="tags" in body),
    )


def enable_action(
    kind: str, path: str, api_version: str, enabled: Json, disabled: Json, *, what: str, wave: int = 0
) -> CutOverAction:
    """Return the action that enables a child of the registry, and whose undo disables it. Both are its properties."""
    return CutOverAction(
        id=path.lower(),
        kind=kind,
        subject=path.rpartition("/")[2],
        what=what,
        call=ArmCall(method="PATCH", path=path, api_version=api_version, body={"properties": enabled}),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version=api_version), expected={"properties": enabled}),
        effect=ChangeResource(
            restore=(ArmCall(method="PATCH", path=path, api_version=api_version, body={"properties": disabled}),)
        ),
        wave=wave,
    )
