"""The way back: exactly what a relocation made, in an order that works, and nothing while somebody needs it."""

from typing import Any

import pytest

from acr_relocate.core.checks import Lock
from acr_relocate.core.cut_over import ArmCall, CutOverAction, DoneWhen
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.removal.target import (
    DEPLOYMENT,
    GROUP,
    REGISTRY,
    OwnedResource,
    RelocationTraces,
    actions_to_undo,
    discard_of,
    obstacles,
    remaining_resources,
    removals,
    rollback_commands,
)
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from tests.support.builders import content, image, registry, repository, request
from tests.support.surroundings import assignment, cluster, resource

ASKED = request()
HERE = registry()
THERE = registry("contosoregistryne", tags={PLAN_TAG: relocation_id(ASKED)})
SITE = resource("Microsoft.App/containerApps", "shop", {"image": f"{THERE.login_server}/app:v1"})
RULE = resource("Microsoft.Insights/metricAlerts", "full", {"scopes": [THERE.id]})
LOCK = f"{THERE.id}/providers/Microsoft.Authorization/locks/keep"
TARGET = OwnedResource(id=THERE.id, type=REGISTRY)
GROUP_ID = THERE.id.partition("/providers/")[0]


def traces(**fields: Any) -> RelocationTraces:
    """A target that stands there unused, but for the given."""
    return RelocationTraces(**({"request": ASKED, "source": HERE, "target": THERE, "made": (TARGET,)} | fields))


def action(path: str, kind: str = "role_assignment", *, undo: bool = True, wave: int = 0) -> CutOverAction:
    look = DoneWhen(call=ArmCall(method="GET", path=path, api_version="v"))
    gone = (ArmCall(method="DELETE", path=path, api_version="v"),) if undo else ()
    call = ArmCall(method="PUT", path=path, api_version="v")
    return CutOverAction(
        id=path, kind=kind, subject=path, what=path, call=call, look=look, own=path, undo=gone, wave=wave
    )


def locked(name: str) -> Surroundings:
    return Surroundings(locks=(Lock(scope=THERE.id, name=name, level="CanNotDelete"),))


OBSTACLES: dict[str, tuple[RelocationTraces, list[str]]] = {
    "nothing": (traces(), []),
    "a target that is not there yet": (traces(target=None), []),
    "a source that was deleted": (traces(source=None), ["source_is_gone"]),
    "a target of nobody": (traces(target=registry("contosoregistryne")), ["target_is_of_another_relocation"]),
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

    found = obstacles(given)

    assert [finding.code for finding in found] == expected
    assert all(finding.remedy for finding in found)


def test_what_leads_to_a_registry_goes_first_and_its_group_last() -> None:
    """And what only has the tag, another registry above all, is left, with the command for it."""
    other = OwnedResource(
        id=f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/a", type="microsoft.storage/storageaccounts"
    )
    endpoint = OwnedResource(
        id=f"{GROUP_ID}/providers/x/privateEndpoints/pe", type="microsoft.network/privateendpoints"
    )
    deployment, group = OwnedResource(id=f"{GROUP_ID}/d", type=DEPLOYMENT), OwnedResource(id=GROUP_ID, type=GROUP)

    copied = OwnedResource(id=registry("somebodyelses").id, type=REGISTRY)

    given = traces(made=(group, other, deployment, copied, TARGET, endpoint))

    assert removals(given) == (endpoint, TARGET, deployment, group)
    assert [entry.command for entry in remaining_resources(given)] == [
        f"az resource delete --ids {it.id}" for it in (other, copied)
    ]


def test_the_cut_over_is_taken_back_from_its_end() -> None:
    """What is beneath the target goes with it, but its lock, which would keep it; what has no undo is left."""
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
    assert "Removed, and nothing else: registry contosoregistryne." in plain.question
    assert "Lost, because only the target has it: app." in losing.question
    assert "registry contosoregistryne; lock " in more.question
    assert len({plain.digest, losing.digest, more.digest}) == 3


def test_the_commands_to_switch_back_name_the_source() -> None:
    """As those of the plan name the target."""
    (entry,) = rollback_commands(traces(around=Surroundings(naming=(SITE,))))

    assert "az acr show --name contosoregistry --query loginServer" in entry.command
    assert "shop" in entry.command
