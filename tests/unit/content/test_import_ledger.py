"""Images that earlier runs brought: which may be moved or removed at the target, and which a person decides on."""

from dataclasses import replace
from typing import Any

import pytest

from acr_relocate.core.content.import_ledger import (
    NOTHING_KNOWN,
    ImportLedger,
    ImportRecord,
    deleted_at_source,
    ledger,
    left_out_by_selection,
    needed_by,
    records_before,
    settled,
)
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.remaining_import import remaining_import
from acr_relocate.core.errors import AlreadyExists
from tests.support.builders import content, digest, image, repository, request, selection

OLD = content(repository("app", image("a"), image("b"), v1="a", v2="b"))
NEW = content(repository("app", image("a"), image("b"), image("c"), v1="c", v2="b"))


def brought(tag: str, name: str) -> ImportRecord:
    """The ledger's entry for an image with one tag."""
    return ImportRecord(repository="app", digest=digest(name), tags=(tag,))


FIRST_RUN = (brought("v1", "a"), brought("v2", "b"))


class TestMovedTags:
    def test_a_tag_that_moved_at_the_source_follows(self) -> None:
        """The target still has the imported digest, so nothing is lost."""
        plan = needed_by(request(), NEW, OLD, ledger(FIRST_RUN))

        replaces = (("v1", digest("a")),)
        assert [(item.digest, item.tags, item.replaces) for item in plan.items] == [(digest("c"), ("v1",), replaces)]
        assert plan.conflicts == ()

    @pytest.mark.parametrize(
        "known",
        [NOTHING_KNOWN, ledger([brought("v1", "b")]), ledger([brought("v2", "a")])],
        ids=["nothing", "another digest", "another tag"],
    )
    def test_what_we_did_not_bring_is_a_conflict(self, known: ImportLedger) -> None:
        """A person decides; nothing is imported over it."""
        plan = needed_by(request(), NEW, OLD, known)

        assert [(conflict.tag, conflict.target_digest) for conflict in plan.conflicts] == [("v1", digest("a"))]
        assert [item.tags for item in plan.items if item.tags] == []

    def test_only_what_was_brought_last_counts(self) -> None:
        """Somebody has set the tag back at the target to what an earlier run brought: that was meant."""
        known = ledger([brought("v1", "x"), *FIRST_RUN])

        assert [conflict.tag for conflict in needed_by(request(), NEW, OLD, known).conflicts] == ["v1"]

    def test_a_run_that_was_killed_leaves_both_possible(self) -> None:
        """It had written down that the tag moves from a to x; whichever it is now, it is ours."""
        killed = replace(brought("v1", "x"), replaces=(("v1", digest("a")),))
        known = ledger([killed, *FIRST_RUN])

        assert [known.is_ours("app", "v1", digest(name)) for name in ("a", "x", "b")] == [True, True, False]

    def test_what_is_written_down_makes_the_next_run_follow(self) -> None:
        """Before and after: the ledger of the run that moved a tag knows only what it names now."""
        moved = needed_by(request(), NEW, OLD, ledger(FIRST_RUN)).items
        known = ledger([*settled(moved), *records_before(moved), *FIRST_RUN])

        assert [known.is_ours("app", "v1", digest(name)) for name in ("c", "a")] == [True, False]

    def test_what_was_moved_at_the_target_in_the_meantime_is_left_alone(self) -> None:
        """Between listing and import the target is asked once more, and only what was seen is replaced."""
        item = ImportItem(repository="app", digest="new", tags=("v1", "v2"), replaces=(("v1", "old"),))

        assert remaining_import(item, {"v1": "old", "v2": None}, force=False) == item
        with pytest.raises(AlreadyExists):
            remaining_import(item, {"v1": "theirs", "v2": None}, force=False)
        with pytest.raises(AlreadyExists):
            remaining_import(item, {"v1": "old", "v2": "old"}, force=False)


class TestDeletedTags:
    def test_what_we_brought_and_the_source_has_no_more_is_named(self) -> None:
        """A tag, or all tags of a repository that is gone."""
        less = deleted_at_source(content(repository("app", image("b"), v2="b")), OLD, ledger(FIRST_RUN))
        gone = deleted_at_source(content(), OLD, ledger(FIRST_RUN))

        assert [tag.name for tag in less] == ["app:v1"]
        assert [tag.name for tag in gone] == ["app:v1", "app:v2"]

    @pytest.mark.parametrize("known", [NOTHING_KNOWN, ledger([brought("v1", "b")])], ids=["nothing", "another digest"])
    def test_what_others_put_there_is_not(self, known: ImportLedger) -> None:
        """Nothing that we did not bring, or that was moved since."""
        assert deleted_at_source(content(), OLD, known) == ()


class TestUnselectedTags:
    HELD = content(
        repository("app", image("a"), image("b"), v1="a", v2="b", theirs="b"), repository("old", image("c"), v3="c")
    )
    KNOWN = ledger([*FIRST_RUN, ImportRecord(repository="old", digest=digest("c"), tags=("v3",))])

    def left_out(self, known: ImportLedger, **chosen: Any) -> list[str]:
        asked = request(selection=selection(**chosen))
        want = content(*(one for one in OLD.repositories if one.name in chosen.get("repositories", ["app"])))
        return [tag.name for tag in left_out_by_selection(want, self.HELD, known, asked)]

    def test_what_the_selection_leaves_out_goes_if_we_brought_it(self) -> None:
        """A tag by name, and a whole repository; what somebody else put there stays."""
        assert self.left_out(self.KNOWN, repositories=["app"], tags=["v2"]) == ["app:v1", "old:v3"]
        assert self.left_out(self.KNOWN, repositories=["app"]) == ["old:v3"]

    def test_without_the_ledger_nothing_goes(self) -> None:
        """Nothing is known to be ours."""
        assert self.left_out(NOTHING_KNOWN, repositories=["app"], tags=["v2"]) == []

    def test_a_tag_that_the_source_has_deleted_is_not_among_them(self) -> None:
        """That is for `prune`, which asks the source for it first."""
        held = content(repository("app", image("a"), v1="a", v9="a"))
        known = ledger([brought("v9", "a"), *FIRST_RUN])

        assert left_out_by_selection(OLD, held, known, request()) == ()
