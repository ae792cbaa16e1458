"""The selection and the names of what is moved."""

from tests.check_cases.evidence import Case, evidence
from tests.support.builders import child, content, image, registry, repository, request, selection

TWO = content(repository("app", image("a"), v1="a"), repository("legacy/x", image("b"), v1="b"))
RENAMED = (
    Case(
        "a repository renamed onto another",
        evidence(request=request(rename={"legacy/x": "app"}), content=TWO),
        ("repositories_collide",),
    ),
    Case(
        "a repository renamed onto another that is not selected",
        evidence(
            request=request(rename={"legacy/x": "app"}, selection=selection(repositories=["legacy/*"])), content=TWO
        ),
    ),
    Case("a repository renamed", evidence(request=request(rename={"legacy/**": "archive/legacy/**"}), content=TWO)),
    Case(
        "a rule with a typing error",
        evidence(request=request(rename={"legcay/**": "archive/**"}), content=TWO),
        ("rename_matches_nothing",),
    ),
    Case(
        "a webhook for repositories of which some are renamed",
        evidence(
            request=request(rename={"legacy/x": "x"}),
            content=TWO,
            source=registry("contosoregistry", child("webhooks", "ci", "westeurope", scope="legacy/*:*")),
        ),
        ("renamed_in_parts",),
    ),
    Case(
        "a scope map that covers the new name",
        evidence(
            request=request(rename={"legacy/x": "team/x"}),
            content=TWO,
            source=registry("contosoregistry", child("scopeMaps", "t", actions=["repositories/team/*/content/read"])),
        ),
        ("rename_changes_access",),
    ),
    Case(
        "a scope map that covers old and new names",
        evidence(
            request=request(rename={"legacy/x": "old/x"}),
            content=TWO,
            source=registry("contosoregistry", child("scopeMaps", "t", actions=["repositories/legacy/*/content/read"])),
        ),
    ),
)

PULLS = (
    Case(
        "a selection of the recently pulled without logs",
        evidence(
            request=request(selection=selection(pulled_since="30")),
            content=TWO.model_copy(update={"pulls_unknown": "no logs"}),
        ),
        ("pulls_unknown",),
    ),
    Case(
        "a selection of the recently pulled with logs",
        evidence(request=request(selection=selection(pulled_since="30")), content=TWO),
    ),
)

CASES = (*RENAMED, *PULLS)
