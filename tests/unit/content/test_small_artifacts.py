"""Which missing artifacts are pushed beside the imports, after what, and what that saves."""

import random

import pytest

from acr_relocate.core.content.import_plan import ImportPlan, needed
from acr_relocate.core.content.small_artifacts import (
    import_seconds,
    push_seconds,
    push_writes,
    seconds_saved,
    soonest_split,
    with_pushes,
)
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, digest, image, index, repository, request

NOTHING = content()
MULTI_ARCH = (index("app", "amd64", "arm64"), image("amd64", size=10**8), image("arm64", size=10**8))


def pushed(want: Content, have: Content = NOTHING, **fields: object) -> dict[str, tuple[str, ...]]:
    """The names of what is pushed, with the names of what each waits for."""
    names = {digest(name): name for name in ("app", "amd64", "arm64", "sbom", "signature", "chart")}
    plan = planned(want, have, request(**({"small_artifacts": "push"} | fields)))
    return {names[item.digest]: tuple(names[first] for first in item.after) for item in plan.small}


def planned(want: Content, have: Content, by: RelocationRequest) -> ImportPlan:
    plan = needed(want, have, Selection(), only=by.only)
    return with_pushes(plan, by, allowed=by.small_artifacts == "push")


def test_without_the_request_all_is_imported() -> None:
    """Decision 0004 stands for those who give no right to push."""
    want = content(repository("app", *MULTI_ARCH, image("sbom", subject="app"), v1="app", arm="arm64"))

    assert pushed(want, small_artifacts="import") == {}


def test_the_tag_of_a_platform_is_pushed_once_its_index_has_arrived() -> None:
    """The index brings the manifest; what is missing then is the name."""
    assert pushed(content(repository("app", *MULTI_ARCH, v1="app", arm="arm64"))) == {"arm64": ("app",)}


def test_the_missing_tag_of_what_is_there_is_pushed_at_once() -> None:
    """Of a platform, and of an image of whatever size."""
    have = content(repository("app", *MULTI_ARCH, v1="app"))
    want = content(repository("app", *MULTI_ARCH, v1="app", v2="app", arm="arm64"))

    assert pushed(want, have) == {"app": (), "arm64": ()}


def test_a_referrer_is_pushed_after_its_subject_if_it_is_small() -> None:
    """With its blobs it is at most as large as the request says."""
    signature, sbom = image("signature", subject="app", size=900), image("sbom", subject="app", size=2_000_000)
    want = content(repository("app", *MULTI_ARCH, signature, sbom, v1="app"))

    assert pushed(want) == {"signature": ("app",)}
    assert pushed(want, small_artifact_kib=2000) == {"signature": ("app",), "sbom": ("app",)}


def test_what_is_small_is_pushed_whatever_it_is() -> None:
    """A chart of a few kilobytes; an artifact without a known size is imported."""
    want = content(repository("app", image("chart", size=4000), image("amd64", size=0), v1="chart", v2="amd64"))

    assert pushed(want) == {"chart": ()}


def test_the_tag_of_a_platform_is_imported_if_its_index_does_not_come() -> None:
    """As where only that image is asked for: nothing else would bring its layers."""
    want = content(repository("app", *MULTI_ARCH, v1="app", arm="arm64"))

    assert pushed(want, only=["app:arm"]) == {}


def test_an_index_beyond_the_limit_of_an_import_stays_as_it_is() -> None:
    """It is pushed after its parts, whatever the request says."""
    parts = [f"part {number}" for number in range(51)]
    want = content(repository("app", index("app", *parts), *(image(part, size=10**8) for part in parts), v1="app"))

    plan = planned(want, NOTHING, request(small_artifacts="push"))

    assert [item.digest for item in plan.pushed] == [digest("app")]
    assert not plan.small


def test_what_others_wait_for_is_imported_first() -> None:
    """The indexes whose platforms have tags, before those that nothing waits for."""
    plain = [image(f"plain {number}", size=10**8) for number in range(3)]
    tags = {f"p{number}": f"plain {number}" for number in range(3)}
    want = content(repository("app", *plain, *MULTI_ARCH, v1="app", arm="arm64", **tags))

    plan = planned(want, NOTHING, request(small_artifacts="push"))

    assert plan.items[0].digest == digest("app")


@pytest.mark.parametrize(
    ("imports", "writes", "split"),
    [
        (0, [1] * 10, 10),
        (262, [1] * 547, 547),
        (2121, [3] * 4242, 3333),
        (0, [3] * 4242, 2666),
        (5000, [3] * 100, 100),
        (0, [2000] * 100, 1),
    ],
)
def test_the_split_ends_soonest(imports: int, writes: list[int], split: int) -> None:
    """Few go all as pushes; of many the rest is imported meanwhile."""
    assert soonest_split(imports, writes) == split


def test_no_other_split_ends_sooner() -> None:
    """Compared with each of them, for any numbers."""
    chance = random.Random(19)
    for _ in range(50):
        imports = chance.choice((0, 150, 1000, 5000))
        writes = sorted(chance.choice((1, 2, 3, 5, 200)) for _ in range(chance.randrange(2000)))
        split = soonest_split(imports, writes)

        ends = [
            max(import_seconds(imports + len(writes) - number), push_seconds(sum(writes[:number])))
            for number in range(len(writes) + 1)
        ]

        assert ends[split] == min(ends)


def test_a_push_takes_a_write_for_each_tag_and_those_for_its_blobs() -> None:
    """Of what arrives otherwise, the tags alone."""
    have = content(repository("app", *MULTI_ARCH, v1="app"))
    want = content(repository("app", *MULTI_ARCH, image("sbom", subject="app"), v1="app", v2="app", v3="app"))
    plan = planned(want, have, request(small_artifacts="push"))

    assert {item.digest: push_writes(item) for item in plan.small} == {digest("app"): 2, digest("sbom"): 3}


def test_what_is_saved_is_the_time_of_the_imports_that_are_not_made() -> None:
    """A thousand signatures are 80 s of imports; pushed they end with the images."""
    signed = [image(f"image {number}", size=10**8) for number in range(200)]
    signatures = [image(f"signature {number}", subject=f"image {number % 200}") for number in range(600)]
    tags = {f"t{number}": f"image {number}" for number in range(200)}
    plan = planned(content(repository("app", *signed, *signatures, **tags)), NOTHING, request(small_artifacts="push"))

    assert (plan.import_calls, len(plan.small), seconds_saved(plan)) == (200, 600, 60.0)
