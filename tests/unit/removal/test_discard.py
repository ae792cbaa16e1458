"""The way back: exactly what a relocation made, in an order that works, and nothing while somebody needs it."""

from typing import Any

import pytest

from acr_relocate.core.checks import Lock
from acr_relocate.core.cut_over import ArmCall, ChangeResource, CreateResource, CutOverAction, DoneWhen
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.removal.target import (
    DEPLOYMENT_TYPE,
    GROUP,
    REGISTRY,
    OwnedResource,
    RelocationTraces,
    actions_to_undo,
    remaining_resources,
    removals,
    rollback_commands,
)
from acr_relocate.core.removal.target_approval import discard_of, require_unchanged
from acr_relocate.core.removal.target_blockers import discard_blockers
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from tests.support.builders import child, content, digest, image, registry, repository, request
from tests.support.surroundings import assignment, cluster, resource

ASKED = request()
HERE = registry()
THERE = registry("contosoregistryne", tags={PLAN_TAG: relocation_id(ASKED)})
SITE = resource("Microsoft.App/containerApps", "shop", {"image": f"{THERE.login_server}/app:v1"})
RULE = resource("Microsoft.Insights/metricAlerts", "full", {"scopes": [THERE.id]})
LOCK = f"{THERE.id}/providers/Microsoft.Authorization/locks/keep"
TARGET = OwnedResource(id=THERE.id, type=REGISTRY, named=True)
GROUP_ID = THERE.id.partition("/providers/")[0]


def traces(**fields: Any) -> RelocationTraces:
    """A target that stands there unused, but for the given."""
    return RelocationTraces(**({"request": ASKED, "source": HERE, "target": THERE, "made": (TARGET,)} | fields))


def action(path: str, kind: str = "role_assignment", *, undo: bool = True, wave: int = 0) -> CutOverAction:
    look = DoneWhen(call=ArmCall(method="GET", path=path, api_version="v"))
    call = ArmCall(method="PUT", path=path, api_version="v")
    effect = CreateResource() if undo else ChangeResource(restore=())
    return CutOverAction(id=path, kind=kind, subject=path, what=path, call=call, look=look, effect=effect, wave=wave)


def locked(name: str) -> Surroundings:
    return Surroundings(locks=(Lock(scope=THERE.id, name=name, level="CanNotDelete"),))


OBSTACLES: dict[str, tuple[RelocationTraces, list[str]]] = {
    "nothing": (traces(), []),
    "a target that is not there yet": (traces(target=None), []),
    "a source that was deleted": (traces(source=None), ["source_is_gone"]),
    "a target without a tag": (traces(target=registry("contosoregistryne")), ["target_is_of_another_relocation"]),
    "an app that was pointed at it": (traces(around=Surroundings(naming=(SITE,))), ["consumer_uses_target"]),
    "an alert rule, which uses nothing of it": (
        traces(
            around=Surroundings(naming=(RULE,)), made=(TARGET, OwnedResource(id=RULE["id"], type=RULE["type"].lower()))
        ),
        [],
    ),
    "a cluster that may pull from it": (
        traces(around=Surroundings(clusters=(cluster(),), role_assignments=(assignment("kubelet-1", THERE.id),))),
        [],
    ),
    "a lock that the cut-over set": (traces(around=locked("keep"), actions=(action(LOCK, "lock"),)), []),
    "a lock of somebody else": (
        traces(around=locked("theirs"), actions=(action(LOCK, "lock"),)),
        ["locked_by_somebody_else"],
    ),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_is_in_the_way(case: str) -> None:
    """Each forbids the way back by itself, and says what to do."""
    given, expected = OBSTACLES[case]

    found = discard_blockers(given)

    assert [finding.code for finding in found] == expected
    assert all(finding.remedy for finding in found)


def test_what_leads_to_a_registry_goes_first_and_its_group_last() -> None:
    """And what only has the tag, another registry above all, is left, with the command for it."""
    other = OwnedResource(
        id=f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/a", type="microsoft.storage/storageaccounts"
    )
    endpoint = OwnedResource(
        id=f"{GROUP_ID}/providers/x/privateEndpoints/pe", type="microsoft.network/privateendpoints", named=True
    )
    deployment = OwnedResource(id=f"{GROUP_ID}/d", type=DEPLOYMENT_TYPE, named=True)
    group = OwnedResource(id=GROUP_ID, type=GROUP, named=True)
    theirs = OwnedResource(
        id=f"{GROUP_ID}/providers/x/privateEndpoints/theirs", type="microsoft.network/privateendpoints"
    )

    copied = OwnedResource(id=registry("somebodyelses").id, type=REGISTRY)

    given = traces(made=(group, other, deployment, copied, TARGET, endpoint, theirs))

    assert removals(given) == (endpoint, TARGET, deployment, group)
    assert [entry.command for entry in remaining_resources(given)] == [
        f"az resource delete --ids {it.id}" for it in (other, copied, theirs)
    ]


def test_the_cut_over_is_taken_back_from_its_end() -> None:
    """Resources beneath the target go with it, and its lock first; a thing without an undo is left."""
    at_vault, earlier = action("/vault/role"), action("/vault/first")
    beneath, secret = action(f"{THERE.id}/tasks/t", "tasks"), action("/secret", "token", undo=False)
    lock = action(LOCK, "lock", wave=1)

    given = traces(actions=(earlier, at_vault, secret, beneath, lock))

    assert actions_to_undo(given) == (lock, at_vault, earlier)


def test_a_person_sees_all_that_goes_and_what_is_lost_with_it() -> None:
    """The name that is typed is the target's; something more to remove, or to lose, voids an approval."""
    held, kept = (
        content(repository("app", image("a"), v1="a")),
        content(repository("app", image("a"), image("b"), v1="a")),
    )

    plain, losing = discard_of(traces(held=held, kept=held)), discard_of(traces(held=held, kept=kept))
    more = discard_of(traces(held=held, kept=held, actions=(action(LOCK, "lock"),)))

    assert plain.typed == "contosoregistryne"
    assert "Deletes or restores these, and nothing else: registry contosoregistryne." in plain.question
    assert f"Lost, because only the target has it: app@{digest('b')}." in losing.question
    assert "registry contosoregistryne; lock " in more.question
    assert len({plain.digest, losing.digest, more.digest}) == 3


def test_another_image_in_the_same_repository_voids_the_approval() -> None:
    """The approval is for the content, by digest and tag: a repository that was shown may not have got more since."""
    held = content(repository("app", image("a"), v1="a"))
    shown, pushed, moved = (
        discard_of(traces(held=held, kept=content(kept)))
        for kept in (
            repository("app", image("a"), image("b"), v1="a"),
            repository("app", image("a"), image("b"), image("c"), v1="a"),
            repository("app", image("a"), image("b"), v1="b"),
        )
    )

    assert len({shown.digest, pushed.digest, moved.digest}) == 3
    for now in (pushed, moved):
        with pytest.raises(NotRelocated, match="nothing was removed"):
            require_unchanged(shown, now)
    require_unchanged(shown, shown)


def test_what_others_made_at_the_target_is_shown() -> None:
    """It goes with the registry: a webhook of theirs, a role that they gave there."""
    there = registry("contosoregistryne", child("webhooks", "theirs"), tags=THERE.tags)
    given = traces(target=there, around=Surroundings(role_assignments=(assignment("them", THERE.id),)))

    asked = discard_of(given)

    assert "With the registry goes what others made there: webhooks/theirs, role assignment them." in asked.question
    assert asked.digest != discard_of(traces(target=there)).digest


def test_the_commands_to_switch_back_name_the_source() -> None:
    """As those of the plan name the target."""
    (entry,) = rollback_commands(traces(around=Surroundings(naming=(SITE,))))

    assert "az acr show --name contosoregistry --query loginServer" in entry.command
    assert "shop" in entry.command
