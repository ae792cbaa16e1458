"""A source that is deleted for the sake of its name: who has it, what is asked, and what may never be given up."""

from typing import Any

import pytest

from acr_relocate.core.checks import Unknown
from acr_relocate.core.content.pulls import images_in_use
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.errors import InvalidRequest, NameTaken, NotFound
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.removal import DeletionEvidence, RegistryUse, deletion_blockers, deletion_of
from acr_relocate.core.removal.kept_name import name_stage, refuse_kept_name
from acr_relocate.core.removal.required_actions import missing_removal_rights, rights_to_retire
from acr_relocate.core.removal.source_detachments import orphaned_after_deletion
from acr_relocate.core.removal.target import REGISTRY, OwnedResource, RelocationTraces
from acr_relocate.core.removal.target_blockers import discard_blockers
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.second_hop import second_hop
from acr_relocate.core.verification import RegistrySnapshot, SnapshotPair, difference
from tests.support.builders import SUBSCRIPTION, child, content, image, registry, repository, request, target_ref
from tests.support.surroundings import resource

SAME = request(target=target_ref(name="same", resource_group="contoso-west"))
BACK = second_hop(SAME)
OTHER_GROUP = request(target=target_ref(name="same", resource_group="elsewhere"))
PE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west/providers/Microsoft.Network/privateEndpoints/pe"
FORMER = registry("contosoregistry", child("privateEndpoints", "pe", id=PE))
HALFWAY = registry(SAME.target.name, id=SAME.target_id, location="northeurope", tags={PLAN_TAG: relocation_id(SAME)})
RETURNED = registry(location="northeurope", tags={PLAN_TAG: relocation_id(BACK)})
FOREIGN = registry(location="northeurope")
HELD = content(repository("app", image("a"), v1="a"))
SITE = resource("Microsoft.App/containerApps", "shop", {"image": f"{FORMER.login_server}/app:v1"})


def evidence(**fields: Any) -> DeletionEvidence:
    """All speaks for the deletion, but for the given."""
    pair = SnapshotPair(
        source=RegistrySnapshot(
            registry=fields.pop("source", FORMER), content=HELD, around=fields.pop("around", Surroundings())
        ),
        target=RegistrySnapshot(registry=HALFWAY, content=HELD),
    )
    return DeletionEvidence(
        **({"request": SAME, "pair": pair, "held": HELD, "kept": HELD, "differences": (), "uses": ()} | fields)
    )


@pytest.mark.parametrize(
    ("former", "halfway", "returned", "stage"),
    [
        (FORMER, None, FORMER, "held"),
        (FORMER, HALFWAY, FORMER, "held"),
        (FORMER, HALFWAY, None, "held"),
        (None, HALFWAY, None, "free"),
        (RETURNED, HALFWAY, RETURNED, "taken"),
        (None, HALFWAY, RETURNED, "taken"),
        (RETURNED, None, RETURNED, "finished"),
    ],
)
def test_who_has_the_name(
    former: Registry | None, halfway: Registry | None, returned: Registry | None, stage: str
) -> None:
    """Azure alone tells, so any machine goes on at the right step; also where the group changes."""
    assert name_stage(SAME, former, halfway, returned) == stage


@pytest.mark.parametrize(
    ("halfway", "returned", "error"),
    [
        (None, None, NotFound),
        (registry(SAME.target.name, location="northeurope"), None, NotFound),
        (HALFWAY, FOREIGN, NameTaken),
        (None, FOREIGN, InvalidRequest),
    ],
)
def test_a_name_that_is_not_ours_to_take(
    halfway: Registry | None, returned: Registry | None, error: type[Exception]
) -> None:
    """Nothing is written to a registry that another made; the way back is said where everything is halfway."""
    with pytest.raises(error) as raised:
        name_stage(SAME, returned, halfway, returned)

    assert error is not NameTaken or "has everything, under a name that works" in str(raised.value)


def test_users_of_the_name_do_not_keep_the_source() -> None:
    """They use it again afterwards; for another name each of them is in the way."""
    used = {"around": Surroundings(naming=(SITE,)), "uses": (RegistryUse(identity="ci", repository="app"),)}

    assert deletion_blockers(evidence(**used)) == ()
    assert deletion_blockers(evidence(around=Surroundings(naming=Unknown(reason="no")))) == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"differences": (difference("tag", "v1", "app:v1 is missing"),)}, "not_verified"),
        ({"source": RETURNED}, "kept_name_is_there"),
        ({"request": OTHER_GROUP}, "target_is_of_another_relocation"),
    ],
)
def test_all_else_does(fields: dict[str, Any], code: str) -> None:
    """A difference, another relocation's copy, and above all the registry that has its name back."""
    assert [finding.code for finding in deletion_blockers(evidence(**fields))] == [code]


def test_the_question_says_what_follows_for_users() -> None:
    """A person types the name, and reads that nothing can be pulled for a time, and which endpoints go."""
    asked = deletion_of(evidence())

    assert asked.typed == "contosoregistry"
    assert "contosoregistry is created again in northeurope" in asked.question
    assert "nothing can be pulled from it; everything is at contosoregistryx72422a" in asked.question
    assert "Its private endpoints are deleted with it: pe." in asked.question
    assert asked.facts["private endpoints"] == {PE: ""}


def test_dead_endpoints_need_a_right_and_are_no_manual_step() -> None:
    """It is missed before the deletion, not in the time without pulls."""
    needed = rights_to_retire(evidence())
    [found] = missing_removal_rights({PE: needed[PE]}, {PE: ()}, "retire")

    assert needed[PE] == ("Microsoft.Network/privateEndpoints/delete",)
    assert "acr-relocate discard" in found.remedy
    assert orphaned_after_deletion(evidence()) == ()


def test_the_intermediate_registry_stays_while_it_alone_has_something() -> None:
    """No approval gives that up once the name is back; before that the source has all of it, as for any target."""
    more = content(repository("app", image("a"), image("b"), v1="a", v2="b"))
    made = (OwnedResource(id=HALFWAY.id, type=REGISTRY, named=True),)
    traces = RelocationTraces(request=SAME, source=RETURNED, target=HALFWAY, made=made, held=HELD, kept=more)

    assert [finding.code for finding in discard_blockers(traces)] == ["kept_name_lacks_content"]
    assert discard_blockers(traces.model_copy(update={"kept": HELD})) == ()
    assert discard_blockers(traces.model_copy(update={"source": FORMER})) == ()


def test_its_source_is_deleted_by_one_command_only() -> None:
    """Deleted by another one, the name would wait for a second command that somebody may forget."""
    with pytest.raises(InvalidRequest, match="keep-name` alone deletes"):
        refuse_kept_name(SAME)

    refuse_kept_name(BACK)


def test_images_in_use_are_those_that_are_held() -> None:
    """Logs name images by tag and by digest, and some that are gone."""
    held = content(repository("app", image("a"), image("b"), v1="a", v2="b"), repository("web", image("w"), v1="w"))
    [a] = [one.digest for one in held.repositories[0].manifests if one.digest == image("a").digest]

    found = images_in_use(held, [("web:v1", "web:gone")], frozenset({f"app@{a}", "other:v1"}))

    assert found == [f"app@{a}", "web:v1"]
