"""Comparison of content and settings: every difference once, and nothing else."""

from dataclasses import dataclass, field

import pytest

from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target.design import design
from acr_relocate.core.verification import compare, compare_settings, unclean
from tests.support.builders import (
    LOCKED,
    child,
    content,
    digest,
    image,
    index,
    registry,
    repository,
    request,
    selection,
)

APP = repository("app", index("i", "a"), image("a"), image("old"), image("sig", subject="a"), v1="i")


@dataclass
class Case:
    source: Content
    target: Content
    found: list[tuple[str, str]]
    selection: Selection = field(default_factory=Selection)


CASES = {
    "equal": Case(content(APP), content(APP), []),
    "a repository is missing": Case(content(APP), content(), [("repository", "app")]),
    "a repository of which nothing is selected may be missing": Case(
        content(repository("app", image("old"))), content(), [], selection(untagged=False)
    ),
    "a repository that is not selected may be missing": Case(
        content(APP), content(), [], selection(repositories=["web"])
    ),
    "a tag is missing": Case(content(APP), content(repository("app", *APP.manifests)), [("tag", "v1")]),
    "a tag names another digest": Case(
        content(APP), content(repository("app", *APP.manifests, v1="old")), [("tag", "v1")]
    ),
    "an untagged manifest is missing": Case(
        content(APP),
        content(repository("app", index("i", "a"), image("a"), image("sig", subject="a"), v1="i")),
        [("manifest", digest("old"))],
    ),
    "an untagged manifest may be missing if it is not selected": Case(
        content(APP),
        content(repository("app", index("i", "a"), image("a"), image("sig", subject="a"), v1="i")),
        [],
        selection(untagged=False),
    ),
    "a child of an index is missing": Case(
        content(repository("app", index("i", "a"), image("a"), v1="i")),
        content(repository("app", index("i", "a"), v1="i")),
        [("child", digest("a"))],
    ),
    "a referrer is missing": Case(
        content(repository("app", image("a"), image("sig", subject="a"), v1="a")),
        content(repository("app", image("a"), v1="a")),
        [("referrer", digest("sig"))],
    ),
    "a referrer refers to something else": Case(
        content(repository("app", image("a"), image("sig", subject="a"), v1="a")),
        content(repository("app", image("a"), image("sig"), v1="a")),
        [("referrer", digest("sig"))],
    ),
    "a tag's lock is missing": Case(
        content(repository("app", image("a"), v1="a", locked=["v1"])),
        content(repository("app", image("a"), v1="a")),
        [("attributes", ":v1")],
    ),
    "a manifest's lock is missing": Case(
        content(repository("app", image("a", attributes=LOCKED), v1="a")),
        content(repository("app", image("a"), v1="a")),
        [("attributes", digest("a"))],
    ),
    "a repository's lock is missing": Case(
        content(repository("app", image("a"), v1="a", attributes=LOCKED)),
        content(repository("app", image("a"), v1="a")),
        [("attributes", "app")],
    ),
    "the target has more": Case(
        content(repository("app", image("a"), v1="a")),
        content(repository("app", image("a"), image("b"), v1="a", v2="b"), repository("web", image("w"))),
        [("extra", "v2"), ("extra", digest("b")), ("extra", "web")],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_compare(case: Case) -> None:
    """Each sentence of the table holds: kind and subject of every difference."""
    found = [(difference.kind, difference.subject) for difference in compare(case.source, case.target, case.selection)]

    assert found == case.found


def test_what_only_the_target_has_counts_only_when_strict() -> None:
    """Pushes after the relocation are no failure of it."""
    differences = compare(content(), content(APP), Selection())

    assert (len(unclean(differences)), len(unclean(differences, strict=True))) == (0, 1)


def test_lock_difference_says_what_is_locked() -> None:
    """The operator reads which attribute is off where."""
    source = content(repository("app", image("a"), v1="a", locked=["v1"]))
    target = content(repository("app", image("a"), v1="a"))

    [difference] = compare(source, target, Selection())

    assert difference.message == "app:v1 is unlocked at the target, delete off, write off at the source"


SOURCE = registry(
    "contosoregistry",
    child("scopeMaps", "ci", actions=["repositories/app/content/read"]),
    child("replications", "westeurope", "westeurope"),
    properties={"publicNetworkAccess": "Enabled"},
)
MOVED = registry(
    "contosoregistryne",
    child("scopeMaps", "ci", actions=["repositories/app/content/read"]),
    child("scopeMaps", "_repositories_pull", type="SystemDefined", actions=[]),
    child("replications", "northeurope", "northeurope"),
    location="North Europe",
)


def settings(target: object, **kwargs: object) -> list[tuple[str, str, str, str]]:
    differences = compare_settings(SOURCE, target, request(), **kwargs)  # type: ignore[arg-type]
    return [(d.kind, d.subject, d.source, d.target) for d in differences]


def test_moved_settings_are_equal() -> None:
    """New name and region, the system's own scope maps and the home replication are no differences."""
    assert settings(MOVED) == []


def test_changed_setting_is_a_difference() -> None:
    """With what it is and what it should be."""
    target = MOVED.model_copy(update={"sku": "Standard", "properties": MOVED.properties | {"adminUserEnabled": True}})

    assert settings(target) == [
        ("setting", "adminUserEnabled", "false", "true"),
        ("setting", "sku", "Premium", "Standard"),
    ]


def test_missing_child_is_a_difference() -> None:
    """A scope map that did not arrive, once: its actions are not told beside it."""
    target = MOVED.model_copy(update={"children": MOVED.children[1:]})

    assert [subject for _, subject, _, _ in settings(target)] == ["scopeMaps/ci"]


def test_child_of_the_target_alone_is_extra() -> None:
    """A token made at the target later does not make the relocation incomplete."""
    target = MOVED.model_copy(update={"children": (*MOVED.children, child("tokens", "later"))})

    assert settings(target) == [("extra", "tokens/later", "", "there")]


def test_a_webhook_that_is_held_back_is_no_difference_until_the_cut_over() -> None:
    """Where artifacts are pushed it is deployed disabled; once the cut-over is done, it has to be as at the source."""
    hook = child("webhooks", "ci", "westeurope", status="enabled", actions=["push"])
    source, by = registry("contosoregistry", hook), request(small_artifacts="push")
    made = design(source, by)
    [deployed] = made.registry.children_of("webhooks")
    target = MOVED.model_copy(update={"children": (deployed,)})

    assert deployed.properties["status"] == "disabled"
    assert compare_settings(source, target, by, made.deferred) == ()
    assert [one.subject for one in compare_settings(source, target, by)] == ["webhooks/ci.status"]
    assert design(source, request()).registry.children_of("webhooks")[0].properties["status"] == "enabled"


def test_deferred_policy_is_no_difference_until_it_is_due() -> None:
    """Retention is set after the verification; from then on it must be as at the source."""
    policies = {"retentionPolicy": {"days": 7, "status": "enabled"}}
    source = SOURCE.model_copy(update={"properties": SOURCE.properties | {"policies": policies}})
    deferred = {"policies": policies}

    assert compare_settings(source, MOVED, request(), deferred) == ()
    assert [d.subject for d in compare_settings(source, MOVED, request())] == ["policies.retentionPolicy.status"]
