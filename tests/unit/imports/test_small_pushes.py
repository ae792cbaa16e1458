"""The pushes beside the imports: when each begins, and what becomes of those that cannot be pushed."""

import asyncio
from collections.abc import Sequence

import pytest

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from tasks.imports import small_pushes
from tasks.imports.small_pushes import BATCH, BATCHES_AT_ONCE, SmallPushes
from tests.support.builders import digest


def item(name: str, *after: str) -> ImportItem:
    return ImportItem(repository="app", digest=digest(name), after=tuple(map(digest, after)), small=True)


def tag_of(index: str, name: str) -> ImportItem:
    """The missing tag of what arrives with the index."""
    first = digest(index)
    return ImportItem(repository="app", digest=digest(name), tags=(name,), after=(first,), carrier=first, small=True)


class Target:
    """A registry that takes pushes, or none, or not these."""

    def __init__(self, *, not_these: Sequence[str] = (), denies: bool = False) -> None:
        self.not_these, self.denies = {digest(name) for name in not_these}, denies
        self.batches: list[list[ImportItem]] = []
        self.imported: list[ImportItem] = []
        self.pushes: SmallPushes | None = None
        self.pushed = asyncio.Event()

    async def push(self, batch: list[ImportItem]) -> list[ImportOutcome] | None:
        self.batches.append(batch)
        self.pushed.set()
        await asyncio.sleep(0)
        if self.denies:
            return None
        done = [ImportOutcome(item=one, kind="created") for one in batch if one.digest not in self.not_these]
        for outcome in done:
            self._ended(outcome.item)
        return done

    async def import_instead(self, one: ImportItem) -> None:
        self.imported.append(one)
        self._ended(one)

    def _ended(self, one: ImportItem) -> None:
        assert self.pushes is not None
        self.pushes.ended(one)

    def takes(self, *items: ImportItem) -> SmallPushes:
        self.pushes = SmallPushes(items, self.push, self.import_instead)
        return self.pushes


async def test_each_is_pushed_once_in_batches() -> None:
    """A task run for each would be more than a Prefect server records."""
    target, items = Target(), [item(str(number)) for number in range(3 * BATCH + 1)]

    await target.takes(*items).run()

    assert sorted(one.digest for batch in target.batches for one in batch) == sorted(one.digest for one in items)
    assert max(map(len, target.batches)) == BATCH


async def test_a_push_waits_for_what_comes_before_it() -> None:
    """For an import, and for another push: a signature of a signature."""
    target, index = Target(), item("index")
    pushes = target.takes(item("second", "first"), item("first", "index"), item("free"))
    running = asyncio.create_task(pushes.run())
    await target.pushed.wait()
    assert [one.digest for batch in target.batches for one in batch] == [digest("free")]

    pushes.ended(index)
    await running

    assert [one.digest for batch in target.batches for one in batch] == list(map(digest, ("free", "first", "second")))


async def test_what_cannot_be_pushed_is_imported() -> None:
    """As the tag of a platform whose index has failed; the others are pushed all the same."""
    target = Target(not_these=["orphan"])

    await target.takes(item("orphan"), item("sbom")).run()

    assert [one.digest for one in target.imported] == [digest("orphan")]


async def test_without_the_right_the_rest_is_imported() -> None:
    """One refusal is enough: no second push is tried."""
    target, items = Target(denies=True), [item(str(number)) for number in range(5 * BATCHES_AT_ONCE * BATCH)]

    await target.takes(*items).run()

    assert len(target.imported) == len(items)
    assert len(target.batches) <= BATCHES_AT_ONCE


async def test_the_end_of_the_imports_lets_everything_go() -> None:
    """Where the run of an import was lost, its outcome never comes."""
    target = Target()
    pushes = target.takes(item("second", "first"), item("first", "lost"))
    running = asyncio.create_task(pushes.run())

    pushes.release()
    await running

    assert sorted(one.digest for batch in target.batches for one in batch) == sorted(map(digest, ("first", "second")))


async def test_what_has_arrived_is_pushed_before_azure_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import mostly ends within seconds, and is told after ten."""
    monkeypatch.setattr(small_pushes, "EARLY_SECONDS", 0.0)
    target, index = Target(), item("index")
    pushes = target.takes(tag_of("index", "arm64"))
    running = asyncio.create_task(pushes.run())

    pushes.began(index)
    await running
    pushes.ended(index)

    assert [one.digest for batch in target.batches for one in batch] == [digest("arm64")]


async def test_what_has_not_arrived_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Early ones go on waiting, and are not imported for that; once the index has ended, it is the last try."""
    monkeypatch.setattr(small_pushes, "EARLY_SECONDS", 0.0)
    target, index = Target(not_these=["arm64"]), item("index")
    pushes = target.takes(tag_of("index", "arm64"))
    running = asyncio.create_task(pushes.run())

    pushes.began(index)
    await target.pushed.wait()
    target.pushed.clear()
    await target.pushed.wait()
    assert target.imported == []
    pushes.ended(index)
    await running

    assert [one.digest for one in target.imported] == [digest("arm64")]


async def test_a_referrer_is_not_tried_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """It brings its own bytes: only the order of the two is wanted."""
    monkeypatch.setattr(small_pushes, "EARLY_SECONDS", 0.0)
    target, image = Target(), item("image")
    pushes = target.takes(item("sbom", "image"), item("free"))
    running = asyncio.create_task(pushes.run())

    pushes.began(image)
    await target.pushed.wait()
    await asyncio.sleep(0)
    pushes.ended(image)
    await running

    assert [one.digest for batch in target.batches for one in batch] == [digest("free"), digest("sbom")]


async def test_nothing_to_push_ends_at_once() -> None:
    """As without the field of the request."""
    target = Target()

    await target.takes().run()

    assert target.batches == []
