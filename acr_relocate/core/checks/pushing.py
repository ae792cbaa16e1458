"""Whether small artifacts may be pushed: the right, and whether the target is ours alone. Checks that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from acr_relocate.core.access.permissions import _grants_data, missing_actions, target_group
from acr_relocate.core.access.required_actions import actions_of
from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.missing_rights import lacking_data, missing_action_findings
from acr_relocate.core.content.import_ledger import ImportLedger
from acr_relocate.core.dependencies.access import PULL_ROLES, role_name
from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import PLAN_TAG, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children.webhooks import is_enabled
from acr_relocate.core.wording import plural

_CHECK: Final = "small_artifacts_cannot_be_pushed"

PUSHING_ROLES: Final = frozenset(
    {"AcrPush", "Container Registry Repository Writer", "Container Registry Repository Contributor"}
)
"""Roles about registries that let their holders push, at whatever scope they are given."""

HARMLESS_ROLES: Final = (frozenset(PULL_ROLES.values()) - PUSHING_ROLES) | {"Reader", "User Access Administrator"}
"""Roles that do not. Others, Owner and Contributor among them, count if they are given at the target or its group."""


@dataclass(frozen=True)
class PushContent:
    """The content of both registries, and the part that earlier runs imported."""

    want: Content
    have: Content
    known: ImportLedger


@dataclass(frozen=True)
class PushScene:
    """The input of the decision. `target` None: it does not exist yet."""

    request: RelocationRequest
    source: Registry
    target: Registry | None
    facts: PushFacts
    content: PushContent


def may_push(scene: PushScene) -> bool:
    """Return whether small artifacts are pushed: as the request says, or where nothing speaks against it."""
    if scene.request.small_artifacts == "auto":
        return not why_imported(scene)
    return scene.request.small_artifacts == "push"


def why_imported(scene: PushScene) -> tuple[str, ...]:
    """Return in words what speaks against pushing: a missing right, and all that makes the target not ours alone."""
    lacks = _lacking(scene)
    missing = (f"the running identity lacks {', '.join(lacks)}",) if lacks else ()
    unknown = ("its rights could not be read",) if not isinstance(scene.facts.permissions, tuple) else ()
    return (*missing, *unknown, *others(scene))


def others(scene: PushScene) -> tuple[str, ...]:
    """Return in words who else may push to the target, or hears of a push, and what is not ours there."""
    return (*_made_by_others(scene), *_pushers(scene), *_listeners(scene), *_foreign_tags(scene))


@check("decision")
def small_artifacts_cannot_be_pushed(evidence: Evidence) -> Iterator[Violation]:
    """The request lets small artifacts be pushed, and the identity may not push to the target.

    Source: D/container-registry-rbac-built-in-roles-overview.md: importing does not include pushing.
    """
    if evidence.request.small_artifacts != "push":
        return
    scope, step, abac = target_group(evidence.request), "push small artifacts", evidence.source.uses_abac
    lacks, role = (
        (lacking_data, "Container Registry Repository Writer") if abac else (missing_action_findings, "AcrPush")
    )
    yield from lacks(evidence, scope, actions_of(_CHECK, data=abac), step, role)


@check("decision")
def target_is_not_ours_alone(evidence: Evidence) -> Iterator[Violation]:
    """The request lets small artifacts be pushed, and others may push to the target too, or hear of each push.

    Source: the distribution specification has no conditional PUT of a tag; D/container-registry-webhook.md.
    """
    found = others(_scene(evidence)) if evidence.request.small_artifacts == "push" else ()
    if found:
        yield Violation(
            f"Small artifacts will be pushed to {evidence.request.target.name}, which is not ours alone: "
            f"{'; '.join(found)}. A tag that somebody pushes in the same moment can be moved.",
            "small_artifacts: import",
            evidence.request.target_id,
        )


@check("note")
def small_artifacts_are_imported(evidence: Evidence) -> Iterator[Violation]:
    """The request leaves the way of small artifacts to the service, and something speaks against pushing them.

    Source: docs/decisions/0014-small-artifacts-are-pushed.md.
    """
    found = why_imported(_scene(evidence)) if evidence.request.small_artifacts == "auto" else ()
    if found:
        name = evidence.request.target.name
        yield Violation(f"Small artifacts are imported into {name}: {'; '.join(found)}.", "", name)


def scene_of(evidence: Evidence, want: Content, have: Content) -> PushScene:
    """Return the input of the decision, from the evidence of a plan."""
    target = evidence.target if isinstance(evidence.target, Registry) else None
    content = PushContent(want, have, evidence.brought)
    return PushScene(evidence.request, evidence.source, target, evidence.push_facts, content)


def _scene(evidence: Evidence) -> PushScene:
    nothing = Content(login_server="")
    want = evidence.content if isinstance(evidence.content, Content) else nothing
    have = evidence.target_content if isinstance(evidence.target_content, Content) else nothing
    return scene_of(evidence, want, have)


def _lacking(scene: PushScene) -> tuple[str, ...]:
    """Return the actions that the identity lacks; none if its rights are unknown."""
    granted, abac = scene.facts.permissions, scene.source.uses_abac
    actions = actions_of(_CHECK, data=abac)
    if not abac or not isinstance(granted, tuple):
        return missing_actions(actions, granted)
    return tuple(action for action in actions if not any(_grants_data(one, action) for one in granted))


def _made_by_others(scene: PushScene) -> Iterator[str]:
    if scene.target and scene.target.tags.get(PLAN_TAG) != target_mark(scene.request):
        yield "it was not created by this relocation"


def _pushers(scene: PushScene) -> Iterator[str]:
    assignments = scene.facts.role_assignments
    if isinstance(assignments, Unknown):
        yield "its role assignments could not be read"
        return
    own = {one.lower() for one in scene.facts.own_ids}
    holders = [properties(entry) for entry in assignments]
    theirs = [one for one in holders if str(one.get("principalId")).lower() not in own]
    names = sorted({name for one in theirs if (name := _pushing_role(one, scene.request))})
    if names:
        yield f"others have {', '.join(names)} there"
    if scene.target:
        tokens = [one.name for one in scene.target.children_of("tokens") if one.properties.get("credentials")]
        if tokens:
            yield f"{plural(len(tokens), 'token')} can sign in: {', '.join(tokens[:3])}"


def _pushing_role(own: dict[str, object], request: RelocationRequest) -> str:
    """Return the name of the assignment's role if it lets its holder push; empty if not.

    General roles above the group are those of the subscription's administrators, which no target is without.
    """
    role = role_name(ResourceId(str(own.get("roleDefinitionId") or "")).name)
    here = f"{own.get('scope')}/".lower().startswith(f"{target_group(request)}/".lower())
    return role if role in PUSHING_ROLES or (here and role not in HARMLESS_ROLES) else ""


def _listeners(scene: PushScene) -> Iterator[str]:
    events = scene.facts.event_subscriptions
    if isinstance(events, Unknown):
        yield "its event subscriptions could not be read"
    elif events:
        yield f"{plural(len(events), 'event subscription')} would hear of each push"
    every = scene.target.children_of("webhooks") if scene.target else ()
    webhooks = [webhook.name for webhook in every if is_enabled(webhook)]
    if webhooks:
        yield f"{plural(len(webhooks), 'webhook')} would hear of each push: {', '.join(webhooks[:3])}"


def _foreign_tags(scene: PushScene) -> Iterator[str]:
    held, known = scene.content, scene.content.known
    at_source = {one.name: {tag.name: tag.digest for tag in one.tags} for one in held.want.repositories}
    foreign = [
        f"{one.name}:{tag.name}"
        for one in held.have.repositories
        for tag in one.tags
        if at_source.get(one.name, {}).get(tag.name) != tag.digest and not known.is_ours(one.name, tag.name, tag.digest)
    ]
    if foreign:
        yield f"{plural(len(foreign), 'tag')} there are not ours: {', '.join(foreign[:3])}"
