"""The import plan holds for any registry, not only for those we thought of."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.content.copy_roots import plan_copy_roots
from acr_relocate.core.content.import_plan import ImportItem, needed, shards
from acr_relocate.core.content.manifest_graph import descendants, index_by_digest
from acr_relocate.core.registry.inventory import Content, Manifest, Repository, Tag
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import compare, unclean
from tests.support.builders import content

NAMES = ("a", "b", "c", "d", "e", "f")
TAGS = ("v1", "v2", "v3", "latest")


@st.composite
def repositories(draw: st.DrawFn, name: str = "app") -> Repository:
    """Any graph of manifests whose children and subjects were there before them, as in a real registry."""
    manifests = [
        Manifest(
            digest=digest,
            children=tuple(draw(st.sets(st.sampled_from(NAMES[:number])) if number else st.just(()))),
            subject=draw(st.none() | st.sampled_from((*NAMES[:number], "gone"))),
        )
        for number, digest in enumerate(NAMES[: draw(st.integers(0, len(NAMES)))])
    ]
    tags = draw(st.sets(st.sampled_from(TAGS))) if manifests else set()
    return Repository(
        name=name,
        manifests=tuple(manifests),
        tags=tuple(Tag(name=tag, digest=draw(st.sampled_from(manifests)).digest) for tag in sorted(tags)),
    )


CONTENTS = st.builds(content, repositories("one"), repositories("two"))
SELECTIONS = st.builds(Selection, untagged=st.booleans(), referrers=st.booleans())


def parts_of(whole: Content, draw: st.DrawFn) -> Content:
    """A target that holds some of the source, and tags of its own."""
    return content(*(_part_of(repository, draw) for repository in whole.repositories))


def _part_of(repository: Repository, draw: st.DrawFn) -> Repository:
    kept = tuple(manifest for manifest in repository.manifests if draw(st.booleans()))
    names = draw(st.sets(st.sampled_from(TAGS))) if kept else set()
    tags = tuple(Tag(name=name, digest=draw(st.sampled_from(kept)).digest) for name in sorted(names))
    return Repository(name=repository.name, manifests=kept, tags=tags)


def apply(items: Iterable[ImportItem], want: Content, have: Content) -> Content:
    """Return the target's content once importImage has done these: each digest, all that is inside, and the tags."""
    source = {repository.name: index_by_digest(repository) for repository in want.repositories}
    after = {repository.name: (index_by_digest(repository), _tags(repository)) for repository in have.repositories}
    for item in items:
        manifests, tags = after.setdefault(item.repository, ({}, {}))
        for digest in (item.digest, *descendants(source[item.repository], item.digest)):
            manifests[digest] = source[item.repository][digest]
        tags |= dict.fromkeys(item.tags, item.digest)
    return content(
        *(
            Repository(
                name=name,
                manifests=tuple(manifests.values()),
                tags=tuple(Tag(name=tag, digest=digest) for tag, digest in tags.items()),
            )
            for name, (manifests, tags) in after.items()
        )
    )


def _tags(repository: Repository) -> dict[str, str]:
    return {tag.name: tag.digest for tag in repository.tags}


@given(want=CONTENTS, chosen=SELECTIONS, force=st.booleans(), data=st.data())
def test_importing_what_is_needed_leaves_nothing_needed(
    want: Content, chosen: Selection, force: bool, data: st.DataObject
) -> None:
    """Running again is resuming: after all imports the same question has the answer "nothing"."""
    have = parts_of(want, data.draw)
    plan = needed(want, have, chosen, force=force)

    again = needed(want, apply(plan.items, want, have), chosen, force=force)

    assert again.items == ()
    assert again.conflicts == plan.conflicts


@given(want=CONTENTS, chosen=SELECTIONS, data=st.data())
def test_a_forced_import_leaves_no_difference(want: Content, chosen: Selection, data: st.DataObject) -> None:
    """The plan brings exactly the content that the verification asks for."""
    have = parts_of(want, data.draw)
    after = apply(needed(want, have, chosen, force=True).items, want, have)

    assert unclean(compare(want, after, chosen)) == ()


@given(want=CONTENTS)
def test_every_tag_and_digest_of_the_source_arrives(want: Content) -> None:
    """With the default selection nothing at all is lost."""
    after = apply(needed(want, content(), Selection()).items, want, content())

    arrived = {repository.name: repository for repository in after.repositories}
    for repository in want.repositories:
        there = arrived.get(repository.name, Repository(name=repository.name))
        assert _tags(there) == _tags(repository)
        assert index_by_digest(there).keys() == index_by_digest(repository).keys()


@given(want=CONTENTS, chosen=SELECTIONS)
def test_no_untagged_child_of_a_wanted_index_is_imported_on_its_own(want: Content, chosen: Selection) -> None:
    """Parts that travel inside an index cost no call of their own."""
    items = needed(want, content(), chosen).items
    inside = {
        (repository.name, child)
        for repository in want.repositories
        for item in items
        if item.repository == repository.name
        for child in descendants(index_by_digest(repository), item.digest)
    }

    assert not [item for item in items if not item.tags and (item.repository, item.digest) in inside]


@given(want=CONTENTS)
def test_no_digest_is_imported_twice_and_no_tag_is_set_twice(want: Content) -> None:
    """One importImage call per repository and digest."""
    items = needed(want, content(), Selection()).items

    digests = [(item.repository, item.digest) for item in items]
    tags = [tag for item in items for tag in item.target_tags]
    assert len(digests) == len(set(digests))
    assert len(tags) == len(set(tags))


@given(repository=repositories(), size=st.integers(1, 4))
def test_no_referrer_runs_beside_or_before_what_brings_its_subject(repository: Repository, size: int) -> None:
    """It waits for that, which is in no later shard; only what waits for itself cannot wait."""
    travel = plan_copy_roots(repository, Selection())
    parts = shards(needed(content(repository), content(), Selection()).items, size)
    place = {item.digest: number for number, item in enumerate(item for part in parts for item in part)}
    after = {item.digest: item.after for part in parts for item in part}
    subject_root = {
        digest: travel.root_of(subject)
        for digest in place
        if (subject := travel.manifests[digest].subject) in travel.manifests and subject
    }

    unordered = [
        digest for digest, root in subject_root.items()
        if digest in travel.roots and root in place and root not in after[digest]
    ]  # fmt: skip

    assert all(_waits_for_itself(digest, subject_root) for digest in unordered)
    assert all(place[before] < place[digest] for digest, all_before in after.items() for before in all_before)


def _waits_for_itself(digest: str, subject_root: dict[str, str]) -> bool:
    """Two indexes may each hold what the other one refers to."""
    seen: set[str] = set()
    while digest in subject_root and digest not in seen:
        seen.add(digest)
        digest = subject_root[digest]
    return digest in seen
