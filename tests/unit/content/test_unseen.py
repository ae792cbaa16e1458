"""Entries that a listing should show and does not: a few, to be asked for."""

from acr_relocate.core.content.unseen import PROBED, unseen
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, digest, image, repository

APP = repository("app", image("a"), image("b"), v1="a")


def test_what_is_level_leaves_nothing_to_ask() -> None:
    """So that a comparison without differences costs no call."""
    assert unseen(content(APP), content(APP), Selection()) == ()


def test_a_missing_tag_and_a_missing_digest_are_asked_for() -> None:
    """By the tag, which names the digest, and by the digest itself."""
    found = unseen(content(repository("app", image("a"), v1="a")), content(), Selection())

    assert [(one.reference, one.digest) for one in found] == [("v1", digest("a")), (digest("a"), digest("a"))]


def test_a_tag_that_names_something_else_is_asked_for() -> None:
    """The listing may show what it named before."""
    target = repository("app", image("a"), image("b"), v1="b")

    assert [one.reference for one in unseen(content(APP), content(target), Selection())] == ["v1"]


def test_of_a_thousand_repositories_a_few_are_asked_for() -> None:
    """A listing that lags hides what came in last, and mostly all of it."""
    many = content(*(repository(f"app{number}", image("a"), v1="a") for number in range(1000)))

    assert len(unseen(many, content(), Selection())) == PROBED
