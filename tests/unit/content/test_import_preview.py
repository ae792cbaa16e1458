"""A preview of imports; and images that an import displaced, told so that they can be given back."""

import json

import pytest

from acr_relocate.core.content.import_outcome import ImportOutcome, failed_import
from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.content.import_preview import preview, preview_markdown
from acr_relocate.core.content.missing_images import images_left_behind, read_images
from acr_relocate.core.errors import InvalidRequest, TemporaryFailure
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, digest, image, index, repository, request

WANT = content(
    repository("app", image("a", size=300), image("b", size=40), image("old", size=7), v1="a", v2="b", nightly="old"),
    repository("half", index("all", "kept", "lost"), image("kept", size=0), v1="all"),
    repository("web", image("x"), v1="x"),
)
HAVE = content(repository("app", image("b"), v2="b"), repository("web", image("y"), v1="y"))
CHOSEN = Selection(exclude_tags=["nightly"], untagged=False)


def test_a_preview_is_what_the_import_would_do() -> None:
    """The same imports in the same order, with their bytes; existing, conflicting and omitted ones are listed."""
    told = preview(request(selection=CHOSEN), WANT, HAVE)

    assert told.items == needed(WANT, HAVE, CHOSEN).items
    assert [item.size_bytes for item in told.items if item.repository == "app"] == [300]
    assert (told.tag_count, told.already_there) == (1, 1)
    assert [conflict.repository for conflict in told.conflicts] == ["web"]
    assert [block.repository for block in told.blocked] == ["half"]
    assert told.left_out.tags == ("app:nightly",)
    assert told.left_out.manifests == 1


def test_a_preview_names_each_of_them_to_a_person() -> None:
    """Counts first, then a table for each kind."""
    page = preview_markdown(preview(request(selection=CHOSEN), WANT, HAVE))

    titles = [line for line in page.splitlines() if line.startswith("#")]
    assert titles == [
        "# 2 imports from contosoregistry to contosoregistryne, and nothing has been changed",
        "## Would be imported",
        "## Conflicts",
        "## Broken at the source",
        "## Not selected",
    ]
    assert f"| app | v1 | {digest('a')} | 300 bytes |" in page


class TestLeftBehind:
    def test_it_can_be_given_back(self) -> None:
        """The list of what did not arrive, read again, restricts the next import to exactly that."""
        plan = needed(WANT, HAVE, Selection())
        bad = next(item for item in plan.items if item.digest == digest("a"))
        outcomes = [
            failed_import(item, TemporaryFailure("gone")) if item == bad else ImportOutcome(item=item, kind="created")
            for item in plan.items
        ]

        entries = images_left_behind(plan, outcomes)
        images = read_images(json.dumps({"left_behind": [entry.model_dump() for entry in entries]}), "left.json")
        again = needed(WANT, HAVE, Selection(), only=images)

        assert [entry.kind for entry in entries] == ["failed", "conflict", "blocked"]
        assert again.items == (bad,)
        assert (again.conflicts, again.blocked) == (plan.conflicts, plan.blocked)

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps({"verdict": "not_relocated", "left_behind": [{"image": "app:v1"}, {"image": "app:v2"}]}),
            json.dumps(["app:v1", "app:v2", "app:v1"]),
            "# what clusters run\napp:v1 app:v2  # both\n",
        ],
    )
    def test_a_list_may_be_a_report_or_names(self, text: str) -> None:
        """The report of a run, a JSON list, or what kubectl prints."""
        assert read_images(text, "list") == ["app:v1", "app:v2"]

    @pytest.mark.parametrize("text", ["App:v1", '{"left_behind": [{"digest": "x"}]}', '{"images": []}', "[1]", "{"])
    def test_what_is_no_list_is_refused_by_its_name(self, text: str) -> None:
        """One message that says which file."""
        with pytest.raises(InvalidRequest, match=r"list\.txt"):
            read_images(text, "list.txt")

    def test_only_what_is_selected_is_brought(self) -> None:
        """A list narrows the selection; it does not add to it."""
        assert needed(WANT, HAVE, CHOSEN, only=["app:nightly"]).items == ()
