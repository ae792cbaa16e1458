"""Roles: give each holder at the source the same at the target, in roles that its permission mode honours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json, Placeholder
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import CreateResource
from acr_relocate.core.cut_over.model import PRINCIPAL, CutOverAction, guid
from acr_relocate.core.dependencies.access import PULL_ROLES, role_name
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.renamed_settings import role_condition
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import STABLE, TASKS

ROLE_ASSIGNMENTS_API: Final = "2022-04-01"
_IDENTITIES: Final = "2023-01-31"
SUBSCRIPTION_PARTS: Final = 3
DELEGATE: Final = "delegatedManagedIdentityResourceId"

IDS: Final = {name: role for role, name in PULL_ROLES.items()}
PULL, PUSH, DELETE = IDS["AcrPull"], IDS["AcrPush"], IDS["AcrDelete"]
READER = IDS["Container Registry Repository Reader"]
WRITER = IDS["Container Registry Repository Writer"]
CONTRIBUTOR = IDS["Container Registry Repository Contributor"]
LISTER = IDS["Container Registry Repository Catalog Lister"]
# A registry with repository permissions does not honour the former, one without does not honour the latter
# (container-registry-rbac-abac-repository-permissions). AcrPull lists the catalogue too: a holder that lists beside
# pulling also needs the catalogue lister, which is not given unasked.
TO_REPOSITORIES: Final = {PULL: (READER,), PUSH: (WRITER,), DELETE: (CONTRIBUTOR,)}
TO_REGISTRY: Final = {READER: (PULL,), WRITER: (PUSH,), CONTRIBUTOR: (PUSH, DELETE)}


def translated(role: str, *, abac: bool) -> tuple[str, ...]:
    """Return the roles with the same meaning at a registry of that permission mode; mostly the role itself."""
    return (TO_REPOSITORIES if abac else TO_REGISTRY).get(role, (role,))


def role_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the roles at the target, those of its own identities elsewhere, and those of future clusters."""
    for entry in readable_items(cut.scene.around.role_assignments):
        for action in re_created(cut, properties(entry)):
            yield action.model_copy(update={"about": (str(entry["id"]),)})
    for entry in readable_items(cut.scene.around.granted):
        for action in _granted(cut, properties(entry)):
            yield action.model_copy(update={"about": (str(entry["id"]), str(properties(entry).get("scope")))})
    for identity in cut.request.kubelet_identities:
        yield _attached(cut, identity)


def re_created(cut: CutOverContext, own: Json) -> Iterator[CutOverAction]:
    """Yield the roles at the target that replace an assignment at the source or above it."""
    scope, role = str(own.get("scope") or ""), ResourceId(str(own.get("roleDefinitionId") or "")).name.lower()
    is_inherited = cut.scene.is_inherited(scope)
    if is_inherited and (role not in PULL_ROLES or cut.scene.covers_target(scope)):
        return
    principal = str(own.get("principalId") or "")
    own, unsaid = _renamed(cut, own)
    where = f"as it has {role_name(role)} at {ResourceId(scope).scope_name}"
    for wanted in translated(role, abac=cut.uses_abac):
        action = assignment(cut, cut.request.target_id, wanted, principal, where=where, like=own)
        yield action.model_copy(update={"refused": action.refused or _too_wide(cut, role, own) or unsaid})


def login_server_placeholder(cut: CutOverContext, placeholder: str) -> Placeholder:
    """Return the placeholder for the target's login server, which may carry a hash that is unknown until it exists."""
    call = ArmCall(method="GET", path=cut.request.target_id, api_version=STABLE)
    return Placeholder(placeholder=placeholder, call=call, fields=("properties.loginServer",))


def _renamed(cut: CutOverContext, own: Json) -> tuple[Json, str]:
    """Return the assignment under the names of the target, or why its condition cannot be written there."""
    condition = str(own.get("condition") or "")
    there = role_condition(condition, cut.request.names)
    if there is None:
        return own, f"its condition names repositories of which a part is renamed: assign it manually ({condition})"
    return (own | {"condition": there} if there != condition else own), ""


def _too_wide(cut: CutOverContext, role: str, own: Json) -> str:
    """Return why the role is not given, because it would allow more at the target; or an empty string."""
    if cut.uses_abac:
        return ""
    if role == LISTER:
        return "the target's permission mode has no role that lists and does not pull: give AcrPull if that is meant"
    if role in TO_REGISTRY and own.get("condition"):
        return "it holds for some repositories, which the target's permission mode cannot express: assign it manually"
    return ""


def _granted(cut: CutOverContext, own: Json) -> Iterator[CutOverAction]:
    """Yield the role of one of the source's own identities elsewhere, for the target's counterpart."""
    scope, role = str(own.get("scope") or ""), ResourceId(str(own.get("roleDefinitionId") or "")).name.lower()
    if f"{scope}/".lower().startswith(f"{cut.source.id}/".lower()):
        return  # among the role assignments of the registry
    where = f"as {cut.source.name} has there"
    yield assignment(cut, scope, role, str(own.get("principalId") or ""), where=where, like=own, kind="grant")


def _attached(cut: CutOverContext, identity: str) -> CutOverAction:
    """Return the role for the kubelet identity of a future cluster."""
    role = READER if cut.uses_abac else PULL
    fill = Placeholder(
        placeholder=PRINCIPAL,
        call=ArmCall(method="GET", path=identity, api_version=_IDENTITIES),
        fields=("properties.principalId",),
    )
    where = "as the request says: a cluster to be made pulls as it"
    return _assignment(
        cut, cut.request.target_id, role, identity, fill, shown=ResourceId(identity).name, where=where, kind="cluster"
    )


def assignment(
    cut: CutOverContext, scope: str, role: str, principal: str, *, where: str, like: Json, kind: str = "role_assignment"
) -> CutOverAction:
    """Return the action that gives the role at the scope to the principal, or to its replacement at the target."""
    shown = cut.scene.holder(principal)
    counterpart = cut.counterpart(principal)
    if counterpart is None:
        return _assignment(cut, scope, role, principal, None, shown=shown, where=where, kind=kind, like=like)
    if not counterpart:
        gone = _assignment(cut, scope, role, principal, None, shown=shown, where=where, kind=kind, like=like)
        return gone.model_copy(update={"refused": "it belongs to a part of the source that the target does not have"})
    version = TASKS if "/tasks/" in counterpart else STABLE
    fill = Placeholder(
        placeholder=PRINCIPAL,
        call=ArmCall(method="GET", path=counterpart, api_version=version),
        fields=("identity.principalId",),
    )
    shown = f"the identity of {cut.short(counterpart)}"
    return _assignment(cut, scope, role, counterpart, fill, shown=shown, where=where, kind=kind, like=like)


def _assignment(  # noqa: PLR0913 - a role assignment is all of this
    cut: CutOverContext,
    scope: str,
    role: str,
    holder: str,
    fill: Placeholder | None,
    *,
    shown: str,
    where: str,
    kind: str,
    like: Json | None = None,
) -> CutOverAction:
    """Return the assignment. Its name is derived from scope, role and holder, so that it is never created twice."""
    given = like or {}
    condition = given.get("condition")
    subscription = "/".join(scope.split("/")[:SUBSCRIPTION_PARTS])
    told = {
        "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": PRINCIPAL if fill else holder,
        "condition": condition,
    }
    collection = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    path = f"{collection}/{guid(cut.request, scope, role, holder)}"
    return CutOverAction(
        id=path.lower(),
        kind=kind,
        subject=f"{role_name(role)} for {shown} at {ResourceId(scope).scope_name}",
        what=f"give {shown} the role {role_name(role)} at {ResourceId(scope).scope_name}, {where}",
        call=ArmCall(
            method="PUT", path=path, api_version=ROLE_ASSIGNMENTS_API, body={"properties": told | _kept(given)}
        ),
        look=DoneWhen(
            call=ArmCall(method="GET", path=collection, api_version=ROLE_ASSIGNMENTS_API, query="$filter=atScope()"),
            expected={"properties": told},
            listed=True,
        ),
        fills=(fill,) if fill else (),
        effect=CreateResource(lacking_without=f"role {role_name(role)} for {holder}"),
    )


def _kept(given: Json) -> Json:
    """Return the other properties of an assignment, beside scope, role and holder."""
    # Without its type, Azure looks up the principal, and does not find one created a moment ago.
    kept: Json = {"principalType": given.get("principalType") or "ServicePrincipal", "description": "acr-relocate"}
    if given.get("condition"):
        kept["conditionVersion"] = given.get("conditionVersion") or "2.0"
    return kept | ({DELEGATE: given[DELEGATE]} if given.get(DELEGATE) else {})
