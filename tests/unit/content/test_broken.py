"""Content that is broken at the source: named, counted, left out only if the request says so; the rest moves."""

import pytest

from acr_relocate.core.content.broken import BrokenArtifact, broken_in, unaccepted
from acr_relocate.core.content.copy_roots import plan_copy_roots
from acr_relocate.core.content.import_plan import ImportPlan, needed
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import BUILD_CACHE, Repository, Tag
from acr_relocate.core.request.relocation import parse_request
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import compare
from tests.support.builders import content, digest, image, index, repository, request

GONE = Tag(name="lost", digest=digest("gone"))
APP = repository("app", image("a"), v1="a")
WITH_LOST_TAG = APP.model_copy(update={"tags": (*APP.tags, GONE)})
HALF = repository("app", index("half", "a", "b"), image("a"), v1="half")
DRIFTING = APP.model_copy(update={"unaccounted": "app has 2 manifests, 1 listed"})
BROKEN = {"a tag": (WITH_LOST_TAG, "lost"), "an index": (HALF, "v1"), "a count": (DRIFTING, "")}


def plan_of(source: Repository, *accept: str) -> ImportPlan:
    """Return the imports that the repository needs at an empty target."""
    return needed(content(source), content(), Selection(), accept=accept)


@pytest.mark.parametrize(("source", "tag"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named_and_the_rest_moves(source: Repository, tag: str) -> None:
    """One entry that says so, with a way to go on that deletes nothing."""
    plan = plan_of(source)

    [broken] = plan.blocked
    assert broken.reason.startswith("broken at the source")
    assert "accept_broken" in broken.remedy
    assert "delete" not in broken.remedy
    assert broken.tags == ((tag,) if tag else ())
    assert [item.digest for item in plan.items] == [digest("a")]
    assert unaccepted(plan.blocked) == plan.blocked


@pytest.mark.parametrize(("source", "tag"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("accept", ["*", "app", "a*"])
def test_what_is_accepted_stands_in_nobodys_way(source: Repository, tag: str, accept: str) -> None:
    """By a pattern or the repository's name; the comparison then does not miss it."""
    plan = plan_of(source, accept)
    arrived = content(repository("app", image("a")) if source is HALF else APP)

    assert [one.accepted for one in plan.blocked] == [True]
    assert not unaccepted(plan.blocked)
    assert not compare(content(source), arrived, Selection(), (accept,))
    assert compare(content(source), arrived, Selection())


def test_a_broken_tag_is_accepted_by_its_name() -> None:
    """No other is."""
    assert plan_of(WITH_LOST_TAG, "app:lost").blocked[0].accepted
    assert plan_of(WITH_LOST_TAG, f"app@{digest('gone')}").blocked[0].accepted
    assert not plan_of(WITH_LOST_TAG, "app:v1").blocked[0].accepted


def test_the_comparison_says_why_it_is_missing() -> None:
    """The cause is not a push after the last import."""
    causes = {one.cause for one in compare(content(WITH_LOST_TAG), content(APP), Selection())}

    assert all(cause.startswith("broken at the source") for cause in causes)


def test_a_broken_tag_that_the_target_has_needs_nothing() -> None:
    """An earlier run brought it, when it was whole."""
    target = repository("app", image("a"), image("gone"), v1="a", lost="gone")

    assert not needed(content(WITH_LOST_TAG), content(target), Selection()).blocked


def test_a_repository_of_nothing_but_a_broken_tag_is_accepted() -> None:
    """The target does not have the repository at all then."""
    alone = Repository(name="app", tags=(GONE,))

    assert not compare(content(alone), content(), Selection(), ("*",))
    assert compare(content(alone), content(), Selection())


def test_a_build_cache_stays_behind_unless_it_is_asked_for() -> None:
    """It is an index over blobs, so it is pushed."""
    cache = image("cache").__class__(digest=digest("cache"), artifact_type=BUILD_CACHE)
    source = repository("app", image("a"), cache, v1="a", buildcache="cache")

    left, carried = plan_of(source), needed(content(source), content(), Selection(build_caches=True))

    assert [item.digest for item in left.items] == [digest("a")]
    assert not left.blocked
    assert {item.digest: item.pushed for item in carried.items} == {digest("a"): False, digest("cache"): True}


def test_true_accepts_all_that_is_broken() -> None:
    """And false nothing, as a form or a file says it."""
    for said, meant in ((True, ["*"]), (False, []), (["team/app:1"], ["team/app:1"])):
        assert parse_request(request().model_dump(mode="json") | {"accept_broken": said}).accept_broken == meant


def test_an_expression_that_is_none_is_refused() -> None:
    """Before any call."""
    with pytest.raises(InvalidRequest, match="accept_broken"):
        parse_request(request().model_dump(mode="json") | {"accept_broken": ["/[/"]})


def test_what_is_broken_is_found_once() -> None:
    """Each tag of a manifest that is gone is named."""
    two = Repository(name="app", tags=(GONE, Tag(name="lost2", digest=GONE.digest)))

    [found] = broken_in(two, plan_copy_roots(two, Selection()))

    assert isinstance(found, BrokenArtifact)
    assert found.tags == ("lost", "lost2")
