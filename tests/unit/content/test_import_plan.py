"""Want, have, need: what is imported, with which tags, in which order."""

import time
import timeit
from dataclasses import dataclass, field

import pytest

from acr_relocate.core.content.import_plan import LARGE_BYTES, ImportItem, ImportPlan, needed, shards
from acr_relocate.core.registry.inventory import Content, Manifest, Repository, Tag
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, digest, image, index, repository, selection

Row = tuple[str, str, tuple[str, ...], str]  # repository, manifest's name, tags, what it waits for, between ;
MANY = [f"platform {number}" for number in range(51)]


Got = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def rows(*of: Row) -> list[Got]:
    return sorted(
        (name, digest(manifest), tags, tuple(sorted(map(digest, after.split(";"))) if after else ()))
        for name, manifest, tags, after in of
    )


def got(plan: ImportPlan) -> list[Got]:
    return sorted((item.repository, item.digest, item.tags, tuple(sorted(item.after))) for item in plan.items)


@dataclass
class Case:
    want: Content
    needs: list[Row]
    have: Content = field(default_factory=content)
    selection: Selection = field(default_factory=Selection)
    force: bool = False


HUGE = content(repository("app", index("huge", *MANY), *(image(name) for name in MANY), v1="huge"))
MULTI_ARCH = (index("app", "amd64", "arm64"), image("amd64"), image("arm64"))

CASES = {
    "all tags of a digest travel in one import": Case(
        content(repository("nginx", image("a"), v1="a", v2="a", latest="a")),
        [("nginx", "a", ("v1", "v2", "latest"), "")],
    ),
    "the same digest in two repositories is imported into each": Case(
        content(repository("one", image("a"), v1="a"), repository("two", image("a"), v1="a")),
        [("one", "a", ("v1",), ""), ("two", "a", ("v1",), "")],
    ),
    "an index brings its children": Case(
        content(repository("app", *MULTI_ARCH, v1="app")), [("app", "app", ("v1",), "")]
    ),
    "an index brings the children of an index inside it": Case(
        content(repository("app", index("outer", "app"), *MULTI_ARCH, v1="outer")), [("app", "outer", ("v1",), "")]
    ),
    "a tagged child also gets its tags": Case(
        content(repository("app", *MULTI_ARCH, v1="app", arm="arm64")),
        [("app", "app", ("v1",), ""), ("app", "arm64", ("arm",), "")],
    ),
    "a tagged child whose tags are at the target travels with its index": Case(
        content(repository("app", *MULTI_ARCH, v1="app", arm="arm64")),
        [("app", "app", ("v1",), "")],
        have=content(repository("app", image("arm64"), arm="arm64")),
    ),
    "a tagged child of an unwanted index is imported by itself": Case(
        content(repository("app", *MULTI_ARCH, arm="arm64")),
        [("app", "arm64", ("arm",), "")],
        selection=selection(untagged=False),
    ),
    "a child that an unwanted index brings in turn still travels with the outer one": Case(
        content(repository("app", index("outer", "app"), *MULTI_ARCH, v1="outer")),
        [("app", "outer", ("v1",), "")],
        selection=selection(untagged=False),
    ),
    "untagged manifests are imported without a tag": Case(
        content(repository("app", image("old"), image("new"), v1="new")),
        [("app", "new", ("v1",), ""), ("app", "old", (), "")],
    ),
    "untagged manifests stay when the selection leaves them out": Case(
        content(repository("app", image("old"), image("new"), v1="new")),
        [("app", "new", ("v1",), "")],
        selection=selection(untagged=False),
    ),
    "a referrer comes after its subject, and its own referrer after it": Case(
        content(repository("app", image("a"), image("sig", subject="a"), image("sig of sig", subject="sig"), v1="a")),
        [("app", "a", ("v1",), ""), ("app", "sig", (), "a"), ("app", "sig of sig", (), "sig")],
    ),
    "a referrer of a platform manifest comes after the index that brings it": Case(
        content(repository("app", *MULTI_ARCH, image("sbom", subject="arm64"), v1="app")),
        [("app", "app", ("v1",), ""), ("app", "sbom", (), "app")],
    ),
    "a referrer of what an index brings that is itself a referrer waits for both": Case(
        content(
            repository(
                "app", image("a"), index("sigs", "s1", subject="a"), image("s1"), image("note", subject="s1"), v1="a"
            )
        ),
        [("app", "a", ("v1",), ""), ("app", "sigs", (), "a"), ("app", "note", (), "sigs")],
    ),
    "a referrer whose subject is gone is imported all the same": Case(
        content(repository("app", image("sig", subject="gone"))), [("app", "sig", (), "")]
    ),
    "referrers stay when the selection leaves them out": Case(
        content(repository("app", image("a"), image("sig", subject="a"), image("old"), v1="a")),
        [("app", "a", ("v1",), ""), ("app", "old", (), "")],
        selection=selection(referrers=False),
    ),
    "referrers come without the untagged rest if so selected": Case(
        content(repository("app", image("a"), image("sig", subject="a"), image("old"), v1="a")),
        [("app", "a", ("v1",), ""), ("app", "sig", (), "a")],
        selection=selection(untagged=False),
    ),
    "what is at the target is not imported": Case(
        content(repository("app", *MULTI_ARCH, image("old"), v1="app")),
        [],
        have=content(repository("app", *MULTI_ARCH, image("old"), v1="app")),
    ),
    "only the missing tags of a digest at the target": Case(
        content(repository("app", image("a"), v1="a", v2="a")),
        [("app", "a", ("v2",), "")],
        have=content(repository("app", image("a"), v1="a")),
    ),
    "all tags of a digest that is untagged at the target": Case(
        content(repository("app", image("a"), v1="a")),
        [("app", "a", ("v1",), "")],
        have=content(repository("app", image("a"))),
    ),
    "an index at the target that lacks a child is imported again, untagged so that its tag does not clash": Case(
        content(repository("app", *MULTI_ARCH, v1="app")),
        [("app", "app", (), "")],
        have=content(repository("app", MULTI_ARCH[0], MULTI_ARCH[1], v1="app")),
    ),
    "a tag at the target whose manifest is not there is imported again": Case(
        content(repository("app", image("a"), v1="a")), [("app", "a", (), "")], have=content(repository("app", v1="a"))
    ),
    "a tag with another digest is left alone, the others are imported": Case(
        content(repository("app", image("a"), v1="a", v2="a")),
        [("app", "a", ("v2",), "")],
        have=content(repository("app", image("b"), v1="b")),
    ),
    "a digest of which every tag clashes is not imported": Case(
        content(repository("app", image("a"), v1="a")), [], have=content(repository("app", image("b"), v1="b"))
    ),
    "a tag with another digest is moved when forced": Case(
        content(repository("app", image("a"), v1="a", v2="a")),
        [("app", "a", ("v1", "v2"), "")],
        have=content(repository("app", image("b"), v1="b")),
        force=True,
    ),
    "patterns choose repositories, slashes included": Case(
        content(*(repository(name, image("a"), v1="a") for name in ("team/a", "team/b/c", "other"))),
        [("team/a", "a", ("v1",), ""), ("team/b/c", "a", ("v1",), "")],
        selection=selection(repositories=["team/*"]),
    ),
    "the manifests of an index beyond the limit come by themselves, and then the index": Case(
        HUGE,
        [*(("app", name, (), "") for name in MANY), ("app", "huge", ("v1",), ";".join(MANY))],
        selection=selection(untagged=False),
    ),
    "an index beyond the limit waits for those of its parts only that are not there": Case(
        HUGE,
        [("app", "platform 7", (), ""), ("app", "huge", ("v1",), "platform 7")],
        have=content(repository("app", *(image(name) for name in MANY if name != "platform 7"))),
    ),
    "an index beyond the limit that has its tags is there": Case(HUGE, [], have=HUGE),
    "a signature of an index beyond the limit comes after it": Case(
        content(
            *(repository("app", *one.manifests, image("sig", subject="huge"), v1="huge") for one in HUGE.repositories)
        ),
        [("app", "huge", ("v1",), ""), ("app", "sig", (), "huge")],
        selection=selection(untagged=False),
        have=content(repository("app", *(image(name) for name in MANY))),
    ),
    "the parts of an index that lacks one come by themselves, and the index not at all": Case(
        content(repository("app", MULTI_ARCH[0], MULTI_ARCH[1], v1="app")), [("app", "amd64", (), "")]
    ),
    "so do those of an index around it, at any depth": Case(
        content(repository("app", index("outer", "app", "beside"), *MULTI_ARCH[:2], image("beside"), v1="outer")),
        [("app", "amd64", (), ""), ("app", "beside", (), "")],
    ),
    "an index of exactly 50 manifests is imported": Case(
        content(repository("app", index("big", *MANY[:50]), *(image(name) for name in MANY[:50]), v1="big")),
        [("app", "big", ("v1",), "")],
    ),
    "an empty repository needs nothing": Case(content(repository("empty")), []),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_needed(case: Case) -> None:
    """Each sentence of the table holds."""
    plan = needed(case.want, case.have, case.selection, force=case.force)

    assert got(plan) == rows(*case.needs)


def test_conflict_names_both_digests() -> None:
    """A person can compare the two digests without asking Azure again."""
    plan = needed(
        content(repository("app", image("a"), v1="a")), content(repository("app", image("b"), v1="b")), Selection()
    )

    assert [(c.tag, c.source_digest, c.target_digest) for c in plan.conflicts] == [("v1", digest("a"), digest("b"))]


def test_an_index_beyond_the_limit_is_pushed_and_nothing_else_is() -> None:
    """An index of 51 manifests is never given to importImage, which would refuse it."""
    plan = needed(HUGE, content(), Selection())

    assert [(item.digest, item.tags) for item in plan.items if item.pushed] == [(digest("huge"), ("v1",))]
    assert plan.items[-1].pushed


def test_an_index_that_lacks_a_part_is_blocked_with_a_remedy() -> None:
    """The operator is told which part is gone, and what to do; that is known before anything is tried."""
    plan = needed(content(repository("app", *MULTI_ARCH[:2], v1="app")), content(), Selection())

    [blocked] = plan.blocked
    assert (blocked.digest, blocked.tags) == (digest("app"), ("v1",))
    assert digest("arm64") in blocked.reason
    assert "Push the index again" in blocked.remedy


def test_only_an_index_beyond_the_limit_means_its_parts_too() -> None:
    """Given back after a failure, it finds its parts at the target; a signature given alone does not wait."""
    signed = content(repository("app", *HUGE.repositories[0].manifests, image("sig", subject="huge"), v1="huge"))

    whole = needed(signed, content(), Selection(), only=["app:v1"])
    alone = needed(signed, content(), Selection(), only=[f"app@{digest('sig')}"])

    assert len(whole.items) == 1 + len(MANY)
    assert [item.after for item in alone.items] == [()]


def test_what_is_there_is_counted() -> None:
    """A second run can say how much there was nothing to do for."""
    both = content(repository("app", *MULTI_ARCH, image("old"), v1="app"))

    plan = needed(both, both, Selection())

    assert plan == ImportPlan(login_server=both.login_server, already_there=2)


@pytest.mark.parametrize("digests", [("a", "a"), ("a", "b")], ids=["in itself", "in each other"])
def test_indexes_that_contain_each_other_still_travel(digests: tuple[str, str]) -> None:
    """A listing that shows an impossible cycle neither hangs nor loses a manifest."""
    first, second = digests
    manifests = {first: index(first, second)} | ({second: index(second, first)} if second != first else {})

    plan = needed(content(repository("app", *manifests.values())), content(), Selection())

    assert len(plan.items) == 1


def test_referrers_of_each_other_still_travel() -> None:
    """A cycle of subjects ends too."""
    plan = needed(content(repository("app", image("a", subject="b"), image("b", subject="a"))), content(), Selection())

    assert {item.digest for item in plan.items} == {digest("a"), digest("b")}


def test_label_names_what_a_person_knows() -> None:
    """Repository, short digest, tags; a long list is cut with its rest counted."""
    few = ImportItem(repository="nginx", digest="sha256:1f3cab", tags=("1.27", "1.27.1", "latest"))
    many = ImportItem(repository="nginx", digest="sha256:1f3cab", tags=tuple("abcdef"))
    none = ImportItem(repository="nginx", digest="sha256:1f3cab")

    assert few.label == "nginx@sha256:1f3c… (1.27, 1.27.1, latest)"
    assert many.label == "nginx@sha256:1f3c… (a, b, c, d, +2)"
    assert none.label == "nginx@sha256:1f3c… (untagged)"


def test_title_names_every_tag() -> None:
    """Each repo:tag pair is found by the name of a task run, however many there are."""
    many = ImportItem(repository="nginx", digest="sha256:1f3cab", tags=tuple("abcde"))
    none = ImportItem(repository="nginx", digest="sha256:1f3cab")

    assert many.title == "nginx:a, nginx:b, nginx:c, nginx:d, nginx:e @sha256:1f3c…"
    assert none.title == "nginx @sha256:1f3c…"


def test_item_speaks_the_words_of_import_image() -> None:
    """The source by digest, the target by repository and tag."""
    item = ImportItem(repository="team/app", digest="sha256:1f3c", tags=("v1",))

    assert (item.source_image, item.target_tags) == ("team/app@sha256:1f3c", ("team/app:v1",))


def test_a_referrer_whose_subject_is_there_waits_for_nothing() -> None:
    """Only what is still to come is waited for."""
    plan = needed(
        content(repository("app", image("a"), image("sig", subject="a"), v1="a")),
        content(repository("app", image("a"), v1="a")),
        Selection(),
    )

    assert got(plan) == rows(("app", "sig", (), ""))


def test_the_longest_chains_come_first() -> None:
    """Longest chains first, and images without dependents at the end."""
    names = ("a", "plain", "z", "sig a", "sig z", "sig sig z")
    subjects = {"sig a": "a", "sig z": "z", "sig sig z": "sig z"}
    manifests = [image(name, subject=subjects.get(name)) for name in names]

    items = needed(content(repository("app", *manifests)), content(), Selection()).items

    assert [item.digest for item in items[:1]] == [digest("z")]
    assert {item.digest for item in items[1:3]} == {digest("a"), digest("sig z")}
    assert {item.digest for item in items[3:]} == {digest("plain"), digest("sig a"), digest("sig sig z")}


def test_large_images_begin_first_after_what_they_wait_for() -> None:
    """An image whose bytes outlast all other calls; the subject of a large artifact comes before it."""
    small, large = [image(name) for name in ("a", "b")], image("large", size=3 * LARGE_BYTES)
    model = image("model", subject="a", size=2 * LARGE_BYTES)
    chain = [image("sig", subject="b"), image("sig sig", subject="sig")]

    items = needed(content(repository("app", *small, *chain, large, model)), content(), Selection()).items

    assert [item.digest for item in items[:3]] == [digest("large"), digest("a"), digest("model")]
    assert items[3].digest == digest("b")


def test_shards_lose_nothing() -> None:
    """In order, and none larger than asked for."""
    items = [ImportItem(repository="app", digest=str(number)) for number in range(7)]

    assert shards(items, 3) == (tuple(items[:3]), tuple(items[3:6]), tuple(items[6:]))


def test_a_hundred_thousand_tags_take_less_than_a_second() -> None:
    """The diff is linear: a repository of 100,000 tags is no reason to wait."""
    manifests = [Manifest(digest=digest(str(number))) for number in range(20_000)]
    tags = tuple(Tag(name=f"v{number}", digest=manifests[number % 20_000].digest) for number in range(100_000))
    want = content(Repository(name="app", manifests=tuple(manifests), tags=tags))

    plans: list[ImportPlan] = []

    # Seconds of this process alone, the better of two: a busy machine is no defect.
    seconds = timeit.repeat(
        lambda: plans.append(needed(want, content(), Selection())), timer=time.process_time, number=1, repeat=2
    )

    assert {len(plan.items) for plan in plans} == {20_000}
    assert min(seconds) < 1.0
