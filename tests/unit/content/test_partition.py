"""How the import of one registry is divided among worker runs."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.content import partition
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.partition import divided, parts
from acr_relocate.core.request.relocation import RelocationRequest, parse_request


def missing(**sizes: int) -> list[ImportItem]:
    """So many imports in each repository."""
    return [
        ImportItem(repository=name, digest=f"sha256:{number:064}")
        for name, size in sizes.items()
        for number in range(size)
    ]


def asked(**options: object) -> RelocationRequest:
    target = {"name": "contosonorth", "location": "northeurope"}
    return parse_request({"source": {"name": "contosowest"}, "target": target, **options})


def test_the_parts_are_level_by_what_is_missing() -> None:
    """By imports, not by repositories: the large one has a run to itself."""
    assert parts(missing(large=10, a=3, b=3, c=4), 2) == (("large",), ("a", "b", "c"))


def test_there_are_no_more_parts_than_repositories() -> None:
    """A repository is not divided, and no part is empty."""
    assert parts(missing(only=500), 4) == (("only",),)
    assert parts([], 4) == ()


def test_the_order_of_the_items_does_not_matter() -> None:
    """Dividing the same work again gives the same parts."""
    items = missing(a=2, b=2, c=2, d=5)

    assert parts(items, 3) == parts(items[::-1], 3)


def test_what_a_part_has_no_room_for_is_in_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters of a run are limited; who divides the work imports the rest."""
    monkeypatch.setattr(partition, "LONGEST_PART", 3)

    assert parts(missing(aa=9, bb=5, cc=1), 2) == (("aa",), ("bb",))


@given(st.dictionaries(st.text("abc/", min_size=1, max_size=5), st.integers(1, 40), max_size=12), st.integers(1, 6))
def test_every_repository_is_in_one_part_and_none_is_overburdened(sizes: dict[str, int], workers: int) -> None:
    """Nothing is forgotten or done twice; no run has more to do than another by more than the largest repository."""
    shares = parts(missing(**sizes), workers)

    loads = [sum(sizes[name] for name in share) for share in shares]
    assert Counter(name for share in shares for name in share) == Counter(sizes.keys())
    assert len(shares) <= workers
    assert not loads or max(loads) - (min(loads) if len(shares) == workers else 0) <= max(sizes.values())


def test_a_part_is_the_request_for_some_repositories() -> None:
    """All else that is selected stays; a part is not divided again, and takes nothing away."""
    request = asked(workers=2, prune=True, selection={"newest": 3, "pinned": ["a:1", "b:1"]})

    one, other = divided(request, missing(a=2, b=1))

    assert (one.selection.repositories, other.selection.repositories) == (["a"], ["b"])
    assert (one.selection.pinned, other.selection.pinned) == (["a:1"], ["b:1"])
    assert {(part.workers, part.prune, part.selection.newest) for part in (one, other)} == {(1, False, 3)}


def test_what_is_only_pinned_is_in_no_part() -> None:
    """A part that named its repository would bring all of it."""
    request = asked(workers=2, selection={"repositories": ["a", "b"], "pinned": ["c:1"]})

    shares = [part.selection.repositories for part in divided(request, missing(a=1, b=1, c=9))]

    assert shares == [["a"], ["b"]]


def test_one_repository_is_not_worth_a_worker() -> None:
    """The run that would divide the work does it itself."""
    assert divided(asked(workers=4), missing(only=9)) == ()
