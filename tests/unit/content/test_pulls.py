"""Only what was pulled lately: what the logs cannot tell is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.content.import_preview import preview
from acr_relocate.core.content.pulls import PullLog, count_pulls, with_pulls
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import Content, Manifest
from acr_relocate.core.request.relocation import parse_request
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, digest, image, index, repository, request

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
OLD = NOW - timedelta(days=300)
LATELY = Selection(pulled_since="30")


def at(moment: datetime | None, *manifests: Manifest) -> list[Manifest]:
    return [replace(one, updated=moment) for one in manifests]


def held() -> Content:
    old = at(OLD, image("used"), image("unused", size=9000), image("sig", subject="unused"), index("many", "part"))
    new = at(NOW, image("new"))
    undated = at(None, image("undated"))
    names = {"used": "used", "unused": "unused", "many": "many", "new": "new", "undated": "undated"}
    found = repository("app", *old, *at(OLD, image("part")), *new, *undated, **names)
    tags = tuple(replace(tag, updated=OLD) for tag in found.tags)
    return content(found.model_copy(update={"tags": tags})).model_copy(update={"listed_at": NOW})


def moved(log: PullLog | None) -> set[str]:
    """The tags that are imported."""
    plan = needed(with_pulls(held(), log, SINCE, "no log"), content(), LATELY)
    return {tag for item in plan.items for tag in item.tags}


def test_what_was_not_pulled_stays_behind_with_its_signature() -> None:
    """By digest or by tag, also a part of an index alone; what is new or has no date is kept."""
    pulled = frozenset({f"app@{digest('used')}", f"app@{digest('part')}"})
    whole = with_pulls(held(), PullLog(begins=OLD, pulled=pulled), SINCE)

    assert moved(PullLog(begins=OLD, pulled=pulled)) == {"used", "many", "new", "undated"}
    assert moved(PullLog(begins=OLD, pulled=frozenset({"app:unused"}))) == {"unused", "new", "undated"}
    assert digest("sig") not in {item.digest for item in needed(whole, content(), LATELY).items}


@pytest.mark.parametrize(
    "log", [None, PullLog(begins=SINCE + timedelta(days=1))], ids=["no log", "a log that is short"]
)
def test_what_is_unknown_is_kept_and_counted(log: PullLog | None) -> None:
    """Nothing is left out on facts that are not there."""
    counts = count_pulls(with_pulls(held(), log, SINCE, "no log"), LATELY)

    assert moved(log) == {"used", "unused", "many", "new", "undated"}
    assert (counts.unused, counts.unknown) == (0, 5)
    assert counts.reason


def test_the_preview_says_how_much_smaller_the_move_gets() -> None:
    """Tags, bytes at most, and what is kept without being known."""
    log = PullLog(begins=OLD, pulled=frozenset({f"app@{digest('used')}", f"app@{digest('many')}"}))

    told = preview(request(selection=LATELY), with_pulls(held(), log, SINCE), content())

    assert (told.pulls.unused, told.pulls.unused_bytes, told.pulls.unknown) == (1, 10_000, 2)


def test_all_is_selected_again_without_the_field() -> None:
    """Hot first, then all: the second sync brings the rest."""
    log = PullLog(begins=OLD, pulled=frozenset({f"app@{digest('used')}"}))

    found = needed(with_pulls(held(), log, SINCE), content(), Selection())

    assert {tag for item in found.items for tag in item.tags} == {"used", "unused", "many", "new", "undated"}


@pytest.mark.parametrize("given", ["30d", "30", 30])
def test_days_may_be_written_with_their_unit(given: str | int) -> None:
    """And what is neither a date nor a number of days is refused."""
    asked = request().model_dump(mode="json")

    assert parse_request(asked | {"selection": {"pulled_since": given}}).selection.pulled_since == "30"
    with pytest.raises(InvalidRequest, match="neither a date"):
        parse_request(asked | {"selection": {"pulled_since": "lately"}})
