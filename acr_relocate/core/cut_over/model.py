"""The actions of a cut-over as data: each with its call, the test that it is done, and its undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from pydantic import Field

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import MADE_TAG, PLAN_TAG, made_mark, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest

Json = dict[str, Any]
_Method = Literal["GET", "PUT", "PATCH", "POST", "DELETE"]

PRINCIPAL: Final = "PRINCIPAL-ID"
"""Placeholder for the principal of an identity that Azure has yet to create."""

NAMESPACE: Final = UUID("0d9f7b52-6a0e-5c0e-9d4c-8a3c5f6b2e11")
"""For names that Azure requires to be GUIDs: the same action always gets the same name."""


class ArmCall(FrozenModel):
    """One call of Azure Resource Manager. Secrets in its body are placeholders, never values.

    `merge`: of a PUT that changes part of a resource: the body is the change; the rest is sent as it is.
    """

    method: _Method
    path: str
    api_version: str
    body: Json = Field(default_factory=dict)
    query: str = ""
    merge: bool = False


class Placeholder(FrozenModel):
    """The value for `placeholder` in the body at sending time: the answer of `call` at one of these dotted paths."""

    placeholder: str
    call: ArmCall
    fields: tuple[str, ...]


class DoneWhen(FrozenModel):
    """The test that an action is done: the answer, or one entry of a listing, contains everything in `expected`.

    `expected` None: existence is enough.
    """

    call: ArmCall
    expected: Json | None = None
    listed: bool = False


class Secret(FrozenModel):
    """A secret in a key vault, by its name and the tags that identify its owner. Never its value."""

    vault: str
    name: str
    tags: dict[str, str]


class CutOverAction(FrozenModel):
    """One action of the cut-over. `kind` is that of the dependency; `id` is always the same for the same action.

    `what` describes it. `refused`: why it is not done, though somebody may expect it. `wave`: it runs after lower ones.
    `leaves_lacking`: the subject of the difference that remains if it cannot be done at all.
    `undo`: how to undo it, or `no_undo`: why there is nothing to undo. `own`: the resource it creates, which is ours if
    it exists under this name and, if it can carry tags, has our plan's tag.
    `secret`: where to store the password in the answer, which must not be seen elsewhere.
    `then`: calls to make once it is done. `about`: the ids of the map's dependencies that it serves;
    `leaves`: the commands for their remaining manual steps. `proves`: it changes nothing, but its answer shows
    that the cut-over works. Where it may not be done, `instead` is the command for a person, if there is one.
    """

    id: str
    kind: str
    subject: str
    what: str
    call: ArmCall
    look: DoneWhen
    fills: tuple[Placeholder, ...] = ()
    secret: Secret | None = None
    then: tuple[ArmCall, ...] = ()
    about: tuple[str, ...] = ()
    leaves: str = ""
    proves: bool = False
    instead: str = ""
    refused: str = ""
    wave: int = 0
    own: str = ""
    tagged: bool = False
    undo: tuple[ArmCall, ...] = ()
    no_undo: str = ""
    leaves_lacking: str = ""


def nobody_to_give_it_to(action: CutOverAction, code: str) -> str:
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
    """The actions for everything that depends on a registry; `deferred` only after a clean verification."""

    actions: tuple[CutOverAction, ...] = ()
    deferred: tuple[CutOverAction, ...] = ()


def holds_expected(expected: Any, found: Any) -> bool:
    """Return whether the found value contains everything expected; further content is ignored.

    The case of text is ignored, as in Azure's ids and states, and so is the subscription in a role definition's id.
    An expected None may be missing.
    """
    if isinstance(expected, Mapping):
        held = found if isinstance(found, Mapping) else {}
        return all(holds_expected(value, held.get(name)) for name, value in expected.items())
    if isinstance(expected, list | tuple):
        entries = found if isinstance(found, list) else []
        return all(any(holds_expected(wanted, entry) for entry in entries) for wanted in expected)
    if isinstance(expected, str) and isinstance(found, str):
        return _bare(expected) == _bare(found)
    return bool(expected == found)


def _bare(text: str) -> str:
    lower = text.lower()
    return lower.rpartition("/roledefinitions/")[2] or lower


def is_satisfied(look: DoneWhen, answer: Json) -> bool:
    """Return whether the answer shows that the action is done."""
    wanted = look.expected or {}
    if look.listed:
        return any(holds_expected(wanted, entry) for entry in answer.get("value") or ())
    return holds_expected(wanted, answer)


def is_made_by(action: CutOverAction, found: Json, request: RelocationRequest) -> bool:
    """Return whether the resource that the action creates, as found, was created by this relocation.

    The plan's tag alone is no proof, because policies copy tags to other people's resources: the mark has the
    resource's own id. A resource without tags has a name that only we give it; a lock is named as at the source, and
    its notes are ours.
    """
    if action.tagged:
        tags, relocation = found.get("tags") or {}, relocation_id(request)
        return tags.get(PLAN_TAG) == relocation and tags.get(MADE_TAG) == made_mark(relocation, action.own)
    notes = (action.call.body.get("properties") or {}).get("notes")
    return notes is None or (found.get("properties") or {}).get("notes") == notes


def with_values(action: CutOverAction, values: Mapping[str, str]) -> CutOverAction:
    """Return the action with the placeholders replaced, in its body and in the expected answer."""

    def text_in(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: text_in(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [text_in(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for placeholder, found in values.items():
            value = value.replace(placeholder, found)
        return value

    call = action.call.model_copy(update={"body": text_in(action.call.body)})
    undo = tuple(one.model_copy(update={"body": text_in(one.body)}) for one in action.undo)
    look = action.look.model_copy(update={"expected": text_in(action.look.expected)})
    then = tuple(one.model_copy(update={"body": text_in(one.body)}) for one in action.then)
    return action.model_copy(update={"call": call, "look": look, "then": then, "undo": undo, "fills": ()})


def guid(request: RelocationRequest, *parts: str) -> str:
    """Return the GUID for a resource of this relocation."""
    return str(uuid5(NAMESPACE, json.dumps([relocation_id(request), *(part.lower() for part in parts)])))


def ownership_tags(request: RelocationRequest, tags: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the tags, with the one that names the relocation."""
    return {**(tags or {}), PLAN_TAG: relocation_id(request)}


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
        own=path,
        tagged="tags" in body,
        undo=(ArmCall(method="DELETE", path=path, api_version=api_version),),
    )
