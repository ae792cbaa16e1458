"""Both directions of the names of repositories, and settings that name them."""

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.renamed_settings import (
    cached_repository,
    role_condition,
    scope_map_actions,
    webhook_scope,
)
from acr_relocate.core.request.relocation import parse_request
from acr_relocate.core.switching.former_values import FormerImage
from acr_relocate.core.target.design import design
from acr_relocate.references import Choice, parse_rename, rewrite_text, scan
from tests.support.builders import child, registry, request

NAMES = RenameMap(rules={"team/app": "platform/app", "legacy/**": "archive/legacy/**", "legacy/keep": "legacy/keep"})
ABAC = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("team/app", "platform/app"),
        ("team/app2", "team/app2"),
        ("legacy/a/b", "archive/legacy/a/b"),
        ("legacy", "legacy"),
        ("legacy/keep", "legacy/keep"),
    ],
)
def test_a_name_leads_there_and_back(here: str, there: str) -> None:
    """The rule for a whole name comes before one for all below."""
    assert NAMES.to_target(here) == there
    assert NAMES.to_source(there) == here


def test_a_name_of_the_target_without_one_at_the_source_is_told_apart() -> None:
    """Somebody else's team/app there is not the source's team/app."""
    assert NAMES.to_source("team/app") == "target:team/app"
    assert NAMES.to_target("target:team/app") == "team/app"


def test_the_selected_repositories_decide_where_a_name_may_come_from_several() -> None:
    """The source may have archive/legacy/x itself, and no legacy/x."""
    assert NAMES.to_source("archive/legacy/x") == "legacy/x"
    assert NAMES.knowing(["archive/legacy/x"]).to_source("archive/legacy/x") == "archive/legacy/x"


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        ({"a": "x", "b": "x"}, 'rename: "a" and "b" would both be x at the target'),
        ({"Team/App": "x"}, 'rename: "Team/App": repository names are lower-case'),
        ({"a": "X"}, 'rename: "X": repository names are lower-case'),
        ({"a": "b:1"}, 'rename: "b:1" is neither a repository'),
        ({"a": ""}, 'rename: "" is neither a repository'),
        ({"a": "../b"}, 'rename: "../b" is neither a repository'),
        ({"a": "contoso.azurecr.io//b"}, 'rename: "contoso.azurecr.io//b" is neither a repository'),
        ({"a/**": "b"}, 'rename: "a/**: b": both have to be names, or both have to end with /**'),
        ({"a/*": "b/*"}, 'rename: "a/*" is neither a repository'),
        ({"a": "b" * 300}, "is longer than 256 characters"),
    ],
)
def test_a_bad_rule_is_refused_with_one_message(rename: dict[str, str], said: str) -> None:
    """Before any call."""
    with pytest.raises(InvalidRequest) as refused:
        parse_request(request().model_dump(mode="json") | {"rename": rename})

    assert said in str(refused.value)


def test_the_actions_of_a_scope_map_follow() -> None:
    """A star that stands for renamed repositories stands for them at the target as well."""
    actions = ["repositories/team/app/content/read", "repositories/team/*/metadata/read", "gateway/x/config/read"]

    assert scope_map_actions(actions, NAMES) == [
        "repositories/platform/app/content/read",
        "repositories/team/*/metadata/read",
        "repositories/platform/app/metadata/read",
        "gateway/x/config/read",
    ]
    assert scope_map_actions(["repositories/legacy/*/content/read"], RenameMap(rules={"legacy/**": "old/**"})) == [
        "repositories/old/*/content/read"
    ]


@pytest.mark.parametrize(
    ("scope", "there"),
    [("team/app:1", "platform/app:1"), ("team/app", "platform/app"), ("other:*", "other:*"), ("", ""), ("t*:*", None)],
)
def test_the_scope_of_a_webhook_follows(scope: str, there: str | None) -> None:
    """One scope cannot say two places: then a person decides."""
    assert webhook_scope(scope, NAMES) == there


def test_a_cache_rule_fills_the_renamed_repository() -> None:
    """Its upstream keeps its name."""
    assert cached_repository("team/app", NAMES) == "platform/app"
    assert cached_repository("team/*", NAMES) is None
    assert cached_repository("legacy/*", RenameMap(rules={"legacy/**": "old/**"})) == "old/*"


@pytest.mark.parametrize(
    ("condition", "there"),
    [
        (f"({ABAC} StringEqualsIgnoreCase 'team/app')", f"({ABAC} StringEqualsIgnoreCase 'platform/app')"),
        (
            f"({ABAC} ForAnyOfAnyValues:StringEquals {{'team/app', 'other'}})",
            f"({ABAC} ForAnyOfAnyValues:StringEquals {{'platform/app', 'other'}})",
        ),
        (f"({ABAC} StringStartsWith 'legacy/a/')", f"({ABAC} StringStartsWith 'archive/legacy/a/')"),
        (f"({ABAC} StringStartsWithIgnoreCase 'team/')", None),
        (f"({ABAC} StringLike 'team/*')", None),
        ("(@Request[Other:name] StringEquals 'team/app')", "(@Request[Other:name] StringEquals 'team/app')"),
    ],
)
def test_the_condition_of_a_role_follows(condition: str, there: str | None) -> None:
    """A condition that cannot be translated is left to a person."""
    assert role_condition(condition, NAMES) == there


CHART = "image:\n  registry: contoso.azurecr.io\n  repository: team/app\n  tag: 1\n"


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("image: contoso.azurecr.io/team/app:1.2\n", "image: contosonorth.azurecr.io/platform/app:1.2\n"),
        ("image: contoso.azurecr.io/team/app2:1\n", "image: contosonorth.azurecr.io/team/app2:1\n"),
        (
            "FROM contoso.azurecr.io/legacy/${APP}:1\n",
            "FROM contoso.azurecr.io/legacy/${APP}:1\n",
        ),
        ("FROM contoso.azurecr.io/legacy/a/${APP}:1\n", "FROM contosonorth.azurecr.io/archive/legacy/a/${APP}:1\n"),
        (CHART, CHART.replace("contoso.", "contosonorth.").replace("team/app", "platform/app")),
        ("image: contoso.azurecr.io/team/${APP}:1\n", "image: contoso.azurecr.io/team/${APP}:1\n"),
    ],
)
def test_references_are_rewritten_under_the_map_and_back(text: str, rewritten: str) -> None:
    """An image whose repository cannot be told is left to a person, host and all; a second rewrite changes nothing."""
    rename = parse_rename("contoso.azurecr.io", "contosonorth.azurecr.io", NAMES.rules)
    back = rename.reversed()

    made = rewrite_text(text, scan(text, rename, "values.yaml"), rename, Choice())

    assert made == rewritten
    assert rewrite_text(made, scan(made, rename, "values.yaml"), rename, Choice()) == made
    assert rewrite_text(made, scan(made, back, "values.yaml"), back, Choice()) == text


def test_a_switched_dependent_runs_the_image_of_the_new_name() -> None:
    """The record in Azure has both, so that switching back needs no map."""
    image = FormerImage(container="web", image="contoso.azurecr.io/team/app:1.2").under(NAMES)
    other = FormerImage(container="web", image="contoso.azurecr.io/team/app2:1.2").under(NAMES)

    assert (image.image, image.renamed) == ("contoso.azurecr.io/team/app:1.2", "platform/app:1.2")
    assert other.renamed == ""


def test_the_longest_beginning_decides_in_any_order() -> None:
    """`**` is the rule for all others, wherever it stands."""
    rules = {"**": "all/**", "a/**": "x/**", "a/b/**": "y/**"}
    for ordered in (rules, dict(reversed(rules.items()))):
        names = RenameMap(rules=ordered)

        assert [names.to_target(one) for one in ("a/b/c", "a/c", "c")] == ["y/c", "x/c", "all/c"]
        assert [names.to_source(one) for one in ("y/c", "x/c", "all/c", "c")] == ["a/b/c", "a/c", "c", "target:c"]


def test_the_design_of_the_target_names_the_repositories_as_they_are_called_there() -> None:
    """Scope maps, webhooks and cache rules; what cannot be said there is left out with a decision."""
    source = registry(
        "contosoregistry",
        child("scopeMaps", "readers", actions=["repositories/team/app/content/read"]),
        child("webhooks", "ci", "westeurope", scope="team/app:*", actions=["push"]),
        child("webhooks", "all", "westeurope", scope="team/*:*", actions=["push"]),
        child("cacheRules", "hub", sourceRepository="docker.io/app", targetRepository="team/app"),
    )

    target = design(source, request(rename=NAMES.rules))

    made = {one.name: one.properties for one in target.registry.children}
    assert made["readers"]["actions"] == ["repositories/platform/app/content/read"]
    assert made["ci"]["scope"] == "platform/app:*"
    assert (made["hub"]["sourceRepository"], made["hub"]["targetRepository"]) == ("docker.io/app", "platform/app")
    assert "all" not in made
    assert [note.resource for note in target.notes if note.code == "renamed_in_parts"] == ["webhooks/all"]
