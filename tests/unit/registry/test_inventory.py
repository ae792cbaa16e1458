"""The picture of a registry, and whether it is complete."""

import pytest

from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.registry.inventory import RepositoryCounts, cross_check
from tests.support.builders import child, content, digest, image, index, registry, repository

APP = repository("app", image("a", size=10), index("i", "a"), v1="a", v2="a")


def counts(**fields: int | str) -> RepositoryCounts:
    return RepositoryCounts.model_validate({"repository": "app", "manifests": 2, "tags": 2} | fields)


def test_content_counts_itself() -> None:
    """Tags, manifests, and bytes without counting an index's images twice."""
    whole = content(APP, repository("other", image("a", size=10)))

    assert (whole.tag_count, whole.manifest_count, whole.size_bytes) == (2, 3, 20)


@pytest.mark.parametrize("given", [counts(), counts(manifests=1, tags=1)], ids=["equal", "a push came in between"])
def test_complete_listing_passes(given: RepositoryCounts) -> None:
    """All that the registry counts was listed."""
    cross_check(content(APP), [given])


INCOMPLETE = {
    "a repository is not listed": (counts(repository="web"), "repository web is in the catalogue but was not listed"),
    "tags are not listed": (counts(tags=5), "app has 5 tags, 2 listed"),
    "manifests are not listed": (counts(manifests=3), "app has 3 manifests, 2 listed"),
}


@pytest.mark.parametrize(("given", "message"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete_listing_is_an_error(given: RepositoryCounts, message: str) -> None:
    """A listing that may be truncated is never taken for the whole."""
    with pytest.raises(ListingIncomplete, match=message):
        cross_check(content(APP), [given])


def test_tag_without_its_manifest_is_an_error() -> None:
    """The manifest listing was cut, whatever the counts say."""
    with pytest.raises(ListingIncomplete, match=f"app:v1 names {digest('gone')}, which was not listed"):
        cross_check(content(repository("app", v1="gone")), [])


def test_long_list_of_gaps_is_cut() -> None:
    """The message stays readable."""
    with pytest.raises(ListingIncomplete, match="; and 4 more"):
        cross_check(content(), [counts(repository=f"r{number}") for number in range(9)])


def test_registry_knows_where_it_is() -> None:
    """Subscription and group are in its id; children are found by kind."""
    source = registry("contosoregistry", child("tokens", "t"), child("webhooks", "w", "westeurope"))

    assert source.subscription_id == "22222222-2222-2222-2222-222222222222"
    assert source.resource_group == "contoso-west"
    assert [token.name for token in source.children_of("tokens")] == ["t"]
