"""Whether small artifacts are pushed: where the request says so, or where the target is ours alone."""

import pytest

from acr_relocate.core.checks import PermissionSet, Unknown
from acr_relocate.core.checks.pushing import PushContent, PushScene, may_push, others, why_imported
from acr_relocate.core.content.import_ledger import NOTHING_KNOWN, ImportRecord, ledger
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.registry.inventory import Child, Content, Registry
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from tests.support.builders import SUBSCRIPTION, child, content, digest, image, registry, repository, request

ACR = "Microsoft.ContainerRegistry/registries"
AUTO, ME, SOMEBODY = request(small_artifacts="auto"), "me", "somebody"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-north"
MAY = (PermissionSet(actions=(f"{ACR}/push/write",)),)
PUSH, PULL, OWNER, CUSTOM = (
    "8311e382-0749-4cb8-b61a-304f252e45ec",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "c0570000-0000-0000-0000-000000000000",
)
NOTHING = content()
APP = content(repository("app", image("a"), v1="a"))


def target(*children: Child, ours: bool = True) -> Registry:
    tags = {PLAN_TAG: relocation_id(AUTO)} if ours else {}
    return registry("contosoregistryne", *children, tags=tags)


def role(name: str, scope: str = GROUP, principal: str = SOMEBODY) -> dict[str, object]:
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{name}"
    return {"properties": {"scope": scope, "principalId": principal, "roleDefinitionId": definition}}


def scene(
    there: Registry | None = None,
    *roles: dict[str, object],
    have: Content = NOTHING,
    by: str = "auto",
    **facts: object,
) -> PushScene:
    found = PushFacts(**({"permissions": MAY, "role_assignments": roles, "own_ids": (ME,)} | facts))
    held = PushContent(APP, have, NOTHING_KNOWN)
    return PushScene(request(small_artifacts=by), registry(), there, found, held)


ALONE = {
    "a target that does not exist yet": scene(),
    "a target that we made": scene(target()),
    "roles that let others pull": scene(target(), role(PULL)),
    "our own role": scene(target(), role(PUSH, principal=ME)),
    "the subscription's administrators": scene(target(), role(OWNER, f"/subscriptions/{SUBSCRIPTION}")),
    "a webhook that is held back": scene(target(child("webhooks", "ci", status="disabled"))),
    "a token without a password": scene(target(child("tokens", "ci"))),
    "what we brought": scene(target(), have=APP),
}
NOT_ALONE = {
    "not created by this relocation": scene(target(ours=False)),
    "others have AcrPush": scene(target(), role(PUSH)),
    "AcrPush there": scene(None, role(PUSH, f"/subscriptions/{SUBSCRIPTION}")),
    "Owner there": scene(target(), role(OWNER)),
    CUSTOM: scene(target(), role(CUSTOM, f"{GROUP}/providers/{ACR}/contosoregistryne")),
    "role assignments could not be read": scene(target(), role_assignments=Unknown(reason="no right")),
    "1 token can sign in: ci": scene(target(child("tokens", "ci", credentials={"passwords": [{"name": "password1"}]}))),
    "1 webhook would hear": scene(target(child("webhooks", "ci"))),
    "1 event subscription would hear": scene(target(), event_subscriptions=("one",)),
    "event subscriptions could not be read": scene(target(), event_subscriptions=Unknown(reason="no right")),
    "1 tag there are not ours: app:v1": scene(target(), have=content(repository("app", image("b"), v1="b"))),
}


@pytest.mark.parametrize("given", ALONE.values(), ids=ALONE)
def test_auto_pushes_where_the_target_is_ours_alone(given: PushScene) -> None:
    """With the right to push, and with all who may push or hear of it being ourselves."""
    assert why_imported(given) == ()
    assert may_push(given)


@pytest.mark.parametrize(("words", "given"), NOT_ALONE.items(), ids=NOT_ALONE)
def test_auto_imports_where_it_is_not(words: str, given: PushScene) -> None:
    """And says why, in words."""
    assert words in "; ".join(others(given))
    assert not may_push(given)


def test_auto_imports_without_the_right_or_without_knowing_it() -> None:
    """Nothing is given up for speed that would fail later."""
    assert not may_push(scene(target(), permissions=()))
    assert not may_push(scene(target(), permissions=Unknown(reason="no answer")))


def test_a_tag_that_an_earlier_run_brought_is_ours() -> None:
    """Though the source has moved it since."""
    moved = content(repository("app", image("b"), v1="b"))
    known = ledger([ImportRecord(repository="app", digest=digest("b"), tags=("v1",))])
    given = scene(target())

    assert others(PushScene(AUTO, registry(), target(), given.facts, PushContent(APP, moved, known))) == ()


@pytest.mark.parametrize(("by", "pushes"), [("import", False), ("push", True)])
def test_the_request_decides_if_it_says_which(by: str, pushes: bool) -> None:
    """The plan asks about the others who may push."""
    assert may_push(scene(target(), role(PUSH), by=by)) is pushes


def test_repository_permissions_need_their_own_right() -> None:
    """In ABAC mode AcrPush is not honoured."""
    abac = registry(properties={"roleAssignmentMode": "AbacRepositoryPermissions"})
    data = (PermissionSet(data_actions=(f"{ACR}/repositories/content/write",)),)
    given = scene(target())

    assert why_imported(PushScene(AUTO, abac, target(), given.facts, given.content))
    allowed = PushFacts(permissions=data)
    assert why_imported(PushScene(AUTO, abac, target(), allowed, given.content)) == ()
