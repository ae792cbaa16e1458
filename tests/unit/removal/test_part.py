"""The part of one source goes: what the source has as well, and nothing that anybody else put or needs there."""

import pytest

from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.effects import CreateResource
from acr_relocate.core.cut_over.model import create_action
from acr_relocate.core.dependencies import Dependency, Surroundings
from acr_relocate.core.registry.inventory import Repository, Tag
from acr_relocate.core.removal.part import (
    child_removals,
    content_removals,
    own_actions,
    staying_images,
    uses_only_others,
)
from tests.support.builders import LOCKED, child, content, digest, image, index, registry, repository

SOURCE = repository("app", image("a"), image("b"), index("i", "b"), image("sig", subject="a"), v1="a", v2="i")
TARGET_ID = registry("allregistries").id


def removed(there: Repository, here: Repository = SOURCE) -> set[str]:
    """The digests that go."""
    return {one for found in content_removals(content(there), content(here)) for one in found.manifests}


def changed(*more: str, **tags: str) -> Repository:
    """The repository as it came, with further images and tags at the target."""
    manifests = (*SOURCE.manifests, *(image(one) for one in more))
    named = tuple(Tag(name=name, digest=digest(of)) for name, of in tags.items())
    return SOURCE.model_copy(update={"manifests": manifests, "tags": (*SOURCE.tags, *named)})


def test_a_repository_as_it_came_goes_as_a_whole() -> None:
    """One call; nothing of it stays."""
    [found] = content_removals(content(SOURCE), content(SOURCE))

    assert found.whole
    assert found.locks == ()
    assert staying_images(content(SOURCE), [found]) == ()


@pytest.mark.parametrize(
    ("there", "stays"),
    [
        (changed("mine"), {"mine"}),
        (changed(prod="a"), {"a"}),
        (changed(prod="i"), {"i", "b"}),
        (
            SOURCE.model_copy(update={"manifests": (*SOURCE.manifests, image("their-sig", subject="a"))}),
            {"a", "their-sig"},
        ),
        (SOURCE.model_copy(update={"manifests": (*SOURCE.manifests, index("their-index", "b"))}), {"their-index", "b"}),
        (repository("app", image("a", attributes=LOCKED), image("sig", subject="a"), v1="a"), {"a"}),
    ],
    ids=["an image", "a tag", "a tag of an index", "a signature", "an index", "a lock"],
)
def test_what_others_put_there_stays_with_all_that_it_needs(there: Repository, stays: set[str]) -> None:
    """Their image; ours under their tag, in their index, behind their signature or lock."""
    kept = {digest(one) for one in stays}

    assert removed(there) == {one.digest for one in there.manifests} - kept
    assert staying_images(content(there), content_removals(content(there), content(SOURCE))) == ("app",)


def test_an_image_that_the_source_has_deleted_stays() -> None:
    """The target may have the only one."""
    assert removed(SOURCE, repository("app", image("b"), index("i", "b"), v2="i")) == {digest("b"), digest("i")}
    assert content_removals(content(SOURCE), content()) == ()


def test_locks_that_came_from_the_source_are_lifted_first() -> None:
    """They are the source's own, so they keep nothing of others."""
    locked = repository("app", image("a", attributes=LOCKED), attributes=LOCKED, locked=["v1"], v1="a")

    [found] = content_removals(content(locked), content(locked))

    assert (found.whole, found.locks) == (True, ("", digest("a"), "v1"))


def test_children_that_name_others_go_first_and_those_of_nobody_stay() -> None:
    """A token before its scope map; a webhook that no deployment of this source names is left alone."""
    target = registry(
        "allregistries", child("scopeMaps", "ci"), child("tokens", "ci"), child("webhooks", "theirs"), child("x", "y")
    )
    brought = [f"{TARGET_ID}/{name}".lower() for name in ("scopeMaps/ci", "tokens/ci", "x/y", "webhooks/gone")]

    assert child_removals(target, brought) == (f"{TARGET_ID}/tokens/ci", f"{TARGET_ID}/scopeMaps/ci")


def role(name: str, holder: str = "ann") -> CutOverAction:
    """A role at the target for this holder, under the name that one source gives it."""
    path = f"{TARGET_ID}/providers/Microsoft.Authorization/roleAssignments/{name}"
    body = {"properties": {"roleDefinitionId": "pull", "principalId": holder, "description": name}}
    return CutOverAction(
        id=path,
        kind="role_assignment",
        subject=holder,
        what="",
        call=ArmCall(method="PUT", path=path, api_version="", body=body),
        look=DoneWhen(call=ArmCall(method="GET", path=path, api_version="")),
        effect=CreateResource(),
    )


def test_changes_that_the_other_sources_need_stay() -> None:
    """The same role of the same holder, the same resource, and the settings of the registry."""
    link = create_action("dns_zone_link", "link", "", "/zones/z/virtualNetworkLinks/l", "", {})
    policies = link.model_copy(update={"id": "policies", "kind": "policies"})
    own = (role("one"), role("one-bob", "bob"), link, policies)

    assert own_actions(own, ()) == own[:3]
    assert own_actions(own, (role("two"), link)) == (own[1],)


@pytest.mark.parametrize(
    ("images", "is_theirs"),
    [
        (["all.azurecr.io/books/app:1"], True),
        (["all.azurecr.io/books/app:1", "all.azurecr.io/shop/app:1"], False),
        (["all.azurecr.io"], False),
    ],
)
def test_a_user_of_the_other_sources_images_keeps_nothing_back(images: list[str], is_theirs: bool) -> None:
    """One that names no image may run any of them."""
    entry = Dependency(kind="container_app", name="x", id="/APP", found="Resource Graph", strategy="manual", action="")
    around = Surroundings(naming=({"id": "/app", "properties": {"containers": [{"image": one} for one in images]}},))

    assert uses_only_others(entry, around, "all.azurecr.io", ("books/",)) is is_theirs
