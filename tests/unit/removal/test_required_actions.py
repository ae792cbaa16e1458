"""The rights of the way back and of the end of the source: all in the custom roles, each named with its place."""

import pytest

from acr_relocate.core.access.removal_actions import MADE, RELEASED
from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, REPOSITORIES, Duty
from acr_relocate.core.checks import Lock, PermissionSet, Unknown
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.removal import DeletionEvidence
from acr_relocate.core.removal.required_actions import SAID, missing_removal_rights, rights_to_discard, rights_to_retire
from acr_relocate.core.removal.target import REGISTRY, REMOVABLE, OwnedResource
from tests.support.builders import content, image, repository
from tests.support.surroundings import GROUP, assignment
from tests.unit.removal.test_discard import GROUP_ID, THERE, action, traces
from tests.unit.removal.test_source_deletion import HERE, WORKSPACE, evidence

SPELT = {kind.lower(): kind for kind in MADE} | {"microsoft.resources/resourcegroups": ""}
DESTINATIONS = {
    "workspaceId": WORKSPACE,
    "storageAccountId": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs",
    "eventHubAuthorizationRuleId": f"{GROUP}/providers/Microsoft.EventHub/namespaces/logs/authorizationRules/send",
}
LOGS = {
    "id": f"{HERE.id}/providers/Microsoft.Insights/diagnosticSettings/logs",
    "name": "logs",
    "properties": {**DESTINATIONS, "logs": []},
}


def made(kind: str) -> OwnedResource:
    """A resource of a type that a relocation makes; a part of another resource has that above it."""
    if kind == REGISTRY:  # no other than the target
        return OwnedResource(id=THERE.id, type=kind, named=True)
    namespace, *kinds = SPELT[kind].split("/")
    path = "/".join(f"{part}/x" for part in kinds)
    return OwnedResource(id=f"{GROUP_ID}/providers/{namespace}/{path}" if kinds else GROUP_ID, type=kind, named=True)


BACK = rights_to_discard(
    traces(
        made=[made(kind) for kind in REMOVABLE],
        actions=[
            action(f"{THERE.id}/providers/Microsoft.Authorization/locks/keep", "lock"),
            action(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/r"),
            action(
                f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/x/providers/Microsoft.EventGrid/eventSubscriptions/e"
            ),
        ],
    )
)


def end(**fields: object) -> DeletionEvidence:
    around = Surroundings(
        locks=(Lock(scope=HERE.id, name="keep", level="CanNotDelete"),),
        role_assignments=(assignment("10000000-0000-0000-0000-000000000000"),),
        diagnostic_settings=(LOGS,),
    )
    return evidence(around, **fields)


NEEDED: dict[Duty, dict[str, tuple[str, ...]]] = {"discard": BACK, "retire": rights_to_retire(end())}
CASES = [(duty, right) for duty, places in NEEDED.items() for right in sorted({*sum(places.values(), ())})]


def test_the_custom_roles_hold_what_is_asked_for_and_nothing_that_never_is() -> None:
    """The way back also undoes writes of the cut-over with the cut-over's own rights; finding is a matter of reads."""
    asked = {duty: {right for rights in places.values() for right in rights} for duty, places in NEEDED.items()}

    assert asked["discard"] == {*granted_by("discard")} - {"Microsoft.Resources/subscriptions/resources/read"}
    assert asked["retire"] == {
        right for right in granted_by("retire") if "/query/" not in right and "/repositories/" not in right
    }
    group = HERE.id.partition("/providers/")[0]
    assert set(NEEDED["retire"]) == {HERE.id, group, *DESTINATIONS.values()}
    assert set(NEEDED["retire"][group]) == {f"{DEPLOYMENTS}/{verb}" for verb in ("read", "write", "delete")}
    assert len(RELEASED) * 2 + 2 == len(NEEDED["retire"][HERE.id])


@pytest.mark.parametrize(("duty", "right"), CASES, ids=lambda value: value)
def test_a_right_that_is_missing_is_named_with_its_place(duty: Duty, right: str) -> None:
    """At each place where it is needed, before anybody is asked; and nothing else is said."""
    needed = NEEDED[duty]
    granted = {
        place: tuple(PermissionSet(actions=(one,)) for one in rights if one != right)
        for place, rights in needed.items()
    }

    found = missing_removal_rights(needed, granted, duty)

    assert [one.resource for one in found] == [place for place, rights in needed.items() if right in rights]
    assert {one.code for one in found} == {SAID[duty][0]}
    assert [one.message for one in found] == [
        f"To {SAID[duty][1]}, the running identity lacks {right} at {one.resource}." for one in found
    ]


@pytest.mark.parametrize(
    ("mode", "rights"),
    [
        ("LegacyRegistryPermissions", {f"{ACR}/artifacts/delete", f"{ACR}/push/write"}),
        ("AbacRepositoryPermissions", {f"{REPOSITORIES}/content/delete", f"{REPOSITORIES}/metadata/write"}),
    ],
)
def test_the_rights_for_the_images_of_a_part_are_asked_for_in_each_mode(mode: str, rights: set[str]) -> None:
    """In ABAC mode they are data actions: an owner of all actions lacks them, a role with the data actions does not."""
    target = THERE.model_copy(update={"properties": {"roleAssignmentMode": mode}})
    held = content(repository("app", image("a"), v1="a"))
    needed = rights_to_discard(traces(target=target, is_part=True, held=held, kept=held, made=()))
    names = tuple(sorted(rights))
    as_actions, as_data = (PermissionSet(actions=("*",)),), (PermissionSet(data_actions=names),)

    assert rights <= {*needed[THERE.id]}
    asked = {THERE.id: names}
    abac = mode.startswith("Abac")
    assert bool(missing_removal_rights(asked, {THERE.id: as_actions}, "discard")) == abac
    assert bool(missing_removal_rights(asked, {THERE.id: as_data}, "discard")) != abac


@pytest.mark.parametrize("duty", NEEDED)
def test_rights_that_could_not_be_read_are_not_missing(duty: Duty) -> None:
    """Azure says so itself, then: nothing unread is claimed."""
    assert missing_removal_rights(NEEDED[duty], dict.fromkeys(NEEDED[duty], Unknown(reason="403")), duty) == ()
