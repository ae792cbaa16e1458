"""Selections by name, version, number, time and list, and the content that comes along."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acr_relocate.core.content.selection import copy_roots, selected_content, selected_names
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.request.identity import plan_id, relocation_id
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.request.version_ranges import is_in_range
from acr_relocate.core.verification import compare, unclean
from tests.support.builders import content, digest, image, index, repository, request, selection

NOW = datetime(2026, 6, 30, tzinfo=UTC)
HOST = "contosoregistry.azurecr.io"


def days_old(old: dict[str, int], held: Repository) -> Repository:
    """The repository with these ages of its tags and, by the names of the tests, manifests."""
    ages = {digest(name): age for name, age in old.items()} | old
    tags = tuple(replace(tag, updated=NOW - timedelta(days=ages[tag.name])) for tag in held.tags)
    manifests = tuple(replace(one, updated=NOW - timedelta(days=ages.get(one.digest, 0))) for one in held.manifests)
    return held.model_copy(update={"tags": tags, "manifests": manifests})


def taken(held: Repository, chosen_by: Selection) -> tuple[set[str], set[str]]:
    """Which tags and which digests would be at the target."""
    whole = Content(login_server=HOST, repositories=(held,), listed_at=NOW)
    repositories = selected_content(whole, chosen_by).repositories
    return (
        {tag.name for one in repositories for tag in one.tags},
        {manifest.digest for one in repositories for manifest in one.manifests},
    )


@dataclass
class Case:
    tags: str
    manifests: str
    of: dict[str, Any]
    held: Repository = field(
        default_factory=lambda: repository(
            "app",
            image("a"),
            image("b"),
            image("c"),
            image("lost"),
            image("sig of a", subject="a"),
            image("sig of c", subject="c"),
            **{"v1.2.0": "a", "1.2-alpine": "a", "v2.0.0": "b", "v2.0.0-rc.1": "b", "latest": "c"},
        )
    )


MULTI = repository("app", index("i", "x", "y"), image("x"), image("y"), image("sbom", subject="x"), v1="i", x="x")
OLD = days_old(
    {"v1": 90, "v2": 40, "v3": 1, "lost": 50, "fresh": 2},
    repository("app", image("a"), image("b"), image("c"), image("lost"), image("fresh"), v1="a", v2="b", v3="c"),
)

CASES = {
    "all": Case("v1.2.0 1.2-alpine v2.0.0 v2.0.0-rc.1 latest", "a b c lost|sig of a|sig of c", {}),
    "tags by glob, with what refers to them": Case("v1.2.0", "a|sig of a", {"tags": ["v1*"], "untagged": False}),
    "tags by expression": Case(
        "v2.0.0", "b", {"tags": [r"/v\d\.\d\.\d/", "no"], "exclude_tags": ["v1*"], "untagged": False}
    ),
    "an expression has to match the whole name": Case("", "", {"tags": ["/v2/"], "untagged": False}),
    "tags left out": Case("v1.2.0 1.2-alpine latest", "a c lost|sig of a|sig of c", {"exclude_tags": ["v2*"]}),
    "a range of versions": Case("v1.2.0 1.2-alpine", "a|sig of a", {"versions": ">=1.2 <2", "untagged": False}),
    "a pre-release is in no range that names none": Case("v2.0.0", "b", {"versions": "^2", "untagged": False}),
    "a range that names a pre-release": Case(
        "v2.0.0 v2.0.0-rc.1", "b", {"versions": ">=2.0.0-rc.0", "untagged": False}
    ),
    "no tag at all leaves the untagged": Case("", "lost", {"tags": []}),
    "an image that is pinned by digest travels without its tags": Case(
        "", "a|sig of a", {"tags": [], "untagged": False, "pinned": [f"{HOST}/app@{digest('a')}"]}
    ),
    "an image that is pinned by tag": Case("latest", "c|sig of c", {"tags": [], "untagged": False, "pinned": ["app"]}),
    "a pinned tag that moved since is only the digest": Case(
        "", "a|sig of a", {"tags": [], "untagged": False, "pinned": [f"app:latest@{digest('a')}"]}
    ),
    "an image that is pinned in another registry means nothing": Case(
        "", "", {"tags": [], "untagged": False, "pinned": ["docker.io/app:latest"]}
    ),
    "without referrers": Case("v1.2.0", "a", {"tags": ["v1*"], "untagged": False, "referrers": False}),
    "an index brings its children and what refers to them": Case(
        "v1", "i x y sbom", {"tags": ["v1"], "untagged": False}, MULTI
    ),
    "a selected child inside an unselected index travels alone": Case(
        "x", "x sbom", {"tags": ["x"], "untagged": True}, MULTI
    ),
    "the newest tags": Case("v2 v3", "b c", {"newest": 2, "untagged": False}, OLD),
    "what was updated in the last days": Case("v3", "c fresh", {"since": "30"}, OLD),
    "what was updated since a day": Case("v2 v3", "b c fresh", {"since": "2026-05-15"}, OLD),
    "the untagged of the last days": Case("v1 v2 v3", "a b c fresh", {"untagged_days": 7}, OLD),
    "pinned is of any age": Case("v1 v3", "a c", {"since": "30", "untagged": False, "pinned": ["app:v1"]}, OLD),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_selection_takes_just_this(case: Case) -> None:
    """The tags and the manifests, those that come along too; and taking them leaves no difference."""
    tags, digests = taken(case.held, selection(**case.of))

    names = case.manifests.split("|")
    assert tags == set(case.tags.split())
    assert digests == {digest(name) for name in (*names[0].split(), *names[1:])}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_was_selected_and_nothing_else_is_level(case: Case) -> None:
    """The comparison asks for what the selection takes."""
    whole = Content(login_server=HOST, repositories=(case.held,), listed_at=NOW)
    selected = selection(**case.of)

    assert unclean(compare(whole, selected_content(whole, selected), selected)) == ()


def test_signatures_that_cosign_tags_come_with_what_they_sign() -> None:
    """`sha256-….sig` is no version and no newest tag; it goes where its image goes."""
    name = digest("a").replace(":", "-")
    held = repository("app", image("a"), image("b"), image("s"), **{"v1": "a", "v2": "b", f"{name}.sig": "s"})

    assert taken(held, selection(versions="1", untagged=False)) == ({"v1", f"{name}.sig"}, {digest("a"), digest("s")})
    assert taken(held, selection(versions="2", untagged=False)) == ({"v2"}, {digest("b")})
    assert taken(held, selection(versions="1", exclude_tags=["*.sig"], untagged=False))[0] == {"v1"}


def test_repositories_by_glob_expression_and_exception() -> None:
    """Excluded content stays out however it is named; a repository named in full is asked for although it hides."""
    chosen_by = selection(
        repositories=["team-a/*", r"/team-[bc]/\w+/", "hidden/app"],
        exclude_repositories=["team-a/old*", "/.*-test/"],
    )
    catalogue = ["team-a/x", "team-a/old-x", "team-a/x-test", "team-b/y", "team-b/y/z", "team-d/y"]

    assert selected_names(catalogue, chosen_by) == ("team-a/x", "team-b/y", "hidden/app")


def test_a_pinned_image_brings_only_itself_from_a_repository_that_is_not_selected() -> None:
    """A list of what clusters run widens nothing else."""
    held = content(repository("one", image("a"), v1="a"), repository("two", image("b"), image("c"), v1="b", v2="c"))
    chosen_by = selection(repositories=["one"], pinned=[f"two@{digest('b')}"])

    assert [(one.name, travel.digests) for one, travel in copy_roots(held, chosen_by)] == [
        ("one", {digest("a")}),
        ("two", {digest("b")}),
    ]


@pytest.mark.parametrize(
    ("tag", "range_", "inside"),
    [
        ("v1.2.3", "1.2.3", True),
        ("1", ">=1 <2", True),
        ("1.27-alpine", "1.27.x", True),
        ("1.27.3.4", "~1.27", True),
        ("2.0.0-rc1", "2", False),
        ("2.0.0-beta.02", ">=2.0.0-alpha", True),
        ("2.0.0-alpine", "2", True),
        ("3.0.0", ">= 1.2, < 2 || 3.x", True),
        ("latest", "*", False),
        ("version-1", "*", False),
        ("0009", "9.x", True),
    ],
)
def test_tags_as_versions(tag: str, range_: str, inside: bool) -> None:
    """A variant counts as its version, a pre-release as what it is, a word as none."""
    assert is_in_range(tag, range_) is inside


def test_a_selection_is_part_of_the_plan_but_not_of_the_relocation() -> None:
    """A target that was made with one selection may be filled with another; an approval is for one of them."""
    few, more = (request(selection=selection(repositories=names)) for names in (["a"], ["a", "b"]))

    assert relocation_id(few) == relocation_id(more) == relocation_id(request())
    assert len({plan_id(few), plan_id(more), plan_id(request())}) == 3
    assert plan_id(request(selection=selection(repositories=["b", "a", "b"]))) == plan_id(more)
