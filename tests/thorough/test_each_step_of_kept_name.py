"""A move under the same name is struck at its writes: at no time is there less than one whole copy of everything.

From a complete intermediate registry to a free name, and from there to the same login server. Of each kind of write the
first one, refused, or stopped as by a kill; a second run goes on. The books of the embedded Azure are asked for the
copies while the runs go on, and after each. A run that has freed the name ends where the other part begins, which is
told from its resources.
"""

import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from prefect.exceptions import CancelledRun

import tasks.kept_name
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from flows.keep_name import keep_name
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tasks.runs.approval import answered_at_terminal
from tasks.runs.events import Event, observing
from tests.hostile.books import Books
from tests.hostile.kept_name import HALFWAY, HALFWAY_ID, REQUEST, Content, holds, save_small
from tests.hostile.names import SOURCE, SOURCE_ID
from tests.service.deleting import yes
from tests.thorough.steps import Step, steps

WAYS: dict[str, Callable[[Step, Emulator], None]] = {"refused": Step.refuse, "stopped": Step.stop}
LOOKS_APART = 2.0
"""Seconds between two looks into the books."""


@dataclass
class Story:
    """The demo registry with a complete intermediate registry beside it, and what is written on the way to its name."""

    emulator: Emulator
    request: RelocationRequest
    folder: Path
    question: ApprovalSubject | None = None
    wanted: Content = field(default_factory=dict)
    writes: dict[str, list[Step]] = field(default_factory=dict)
    freed: frozenset[str] = frozenset()
    second_deployment: Step = field(default_factory=lambda: Step(""))

    async def prepare(self) -> None:
        """Make the worlds, ask once what a person is asked, and list the writes that follow in each world."""
        if self.writes:
            return
        save_small(self.emulator, self.folder / "new")
        self.wanted = self.books().whole(SOURCE, SOURCE_ID)
        await relocate_registry(self.request)
        self.emulator.save(self.folder / "filled")
        self.question = await asked(self)
        self.begin("filled")
        assert await moved(self)
        assert self.copies() == [SOURCE, HALFWAY]
        self.second_deployment = next(one for one in steps(self.emulator) if is_second_deployment(one.write))
        self.begin("filled")
        assert await self.is_freed()
        self.emulator.save(self.folder / "freed")
        self.freed = self.resources()
        until = [one for one in steps(self.emulator) if one != self.second_deployment]
        self.begin("freed")
        assert await moved(self)
        self.writes = {"filled": first_of_each(until), "freed": first_of_each(steps(self.emulator))}

    async def is_freed(self) -> bool:
        """Run until the name is free: its creation is refused. Return whether the source alone is gone by then."""
        self.second_deployment.refuse(self.emulator)
        done = await moved(self)
        self.emulator.clear_faults()
        return not done and self.copies() == [HALFWAY] and self.freed in (frozenset(), self.resources())

    def resources(self) -> frozenset[str]:
        """Return the ids of all resources but deployments, which are leases and records of runs."""
        return frozenset(one["id"] for one in self.emulator.resources() if "/deployments/" not in one["id"])

    def begin(self, world: str) -> None:
        """Begin in this world."""
        self.emulator.clear_faults()
        self.emulator.load(self.folder / world)
        self.emulator.reset_stats()

    def books(self, file: str = "books.json") -> Books:
        """Return the books of now."""
        return Books(self.emulator, self.folder / file)

    def copies(self, file: str = "books.json") -> list[str]:
        """Return the registries that hold everything."""
        books = self.books(file)
        ids = {SOURCE: SOURCE_ID, HALFWAY: HALFWAY_ID}
        return [name for name, path in ids.items() if holds(books.whole(name, path), self.wanted)]

    @contextmanager
    def watched(self) -> Iterator[list[int]]:
        """Look into the books again and again while the block runs; yields the number of whole copies at each look."""
        seen: list[int] = []
        over = threading.Event()

        def look() -> None:
            while not over.wait(LOOKS_APART):
                seen.append(len(self.copies("watched.json")))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield seen
        finally:
            over.set()
            watcher.join()
            seen.append(len(self.copies()))


@pytest.fixture(scope="module", name="story")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with running("demo") as emulator:
        yield Story(emulator, parse_request(REQUEST), tmp_path_factory.mktemp("kept-name"))


@pytest.fixture(name="begun")
async def _begun(story: Story, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    for name, value in story.emulator.env.items():
        monkeypatch.setenv(name, value)
    # A wait of our own between two tries; the embedded Azure holds a name for no longer than the test asks.
    monkeypatch.setattr(tasks.kept_name.wait_for_name, "retry_delay_seconds", [0.05])
    await story.prepare()
    yield story
    story.emulator.clear_faults()


async def asked(story: Story) -> ApprovalSubject:
    """Return the question of a run without an answer."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await keep_name(story.request)
    [question] = [event.subject for event in events if isinstance(event, ApprovalNeeded)]
    return question


async def moved(story: Story) -> bool:
    """Run it with the answer; return whether the registry was moved."""
    assert story.question
    try:
        with answered_at_terminal([yes(story.question)]):
            report = await keep_name(story.request)
    except (RelocationError, CancelledRun):
        return False
    return isinstance(report, Report) and report.verdict == "relocated"


def first_of_each(found: list[Step]) -> list[Step]:
    """Return the writes to strike: the first one of each kind, without those of leases."""
    kinds: dict[str, Step] = {}
    for step in found:
        if "/acr-relocate-lease-" not in step.write:
            kinds.setdefault(kind_of(step.write), step)
    return list(kinds.values())


def kind_of(write: str) -> str:
    """Return the method with the type of the resource; of a record its kind, of a registry's own API the area."""
    method, _, path = write.partition(" ")
    if "/providers/" not in path:
        return f"{method} {'/'.join(path.split('/')[:3])}"
    namespace, *rest = path.rpartition("/providers/")[2].split("/")
    record = "-".join(rest[1].split("-")[:3]) if "acr-relocate-" in path and len(rest) > 1 else ""
    return f"{method} {namespace}/{'/'.join(rest[::2])} {record}"


def is_second_deployment(write: str) -> bool:
    """Return whether it is the deployment that creates the registry with the freed name."""
    return kind_of(write).startswith("put microsoft.resources/deployments") and not any(
        f"acr-relocate-{kind}-" in write for kind in ("lease", "freeze", "taken")
    )


async def struck_steps(begun: Story, way: str, world: str, ends: Callable[[], Awaitable[bool]]) -> str:
    """Strike each write of a world in this way. Return where no whole copy was, or a run again did not end it."""
    wrong: list[str] = []
    for step in begun.writes[world]:
        begun.begin(world)
        WAYS[way](step, begun.emulator)
        with begun.watched() as copies:
            done = await moved(begun)
            begun.emulator.clear_faults()
            if not (done or await ends()):
                wrong.append(f"{step}: the second run does not end it")
        if not min(copies):
            wrong.append(f"{step}: no registry has a whole copy")
    return json.dumps(wrong, indent=1)


@pytest.mark.parametrize("way", WAYS)
async def test_one_whole_copy_exists_until_the_name_is_free(begun: Story, way: str) -> None:
    """Struck before or at the deletion, the next run deletes the source, or the first one has ended all the same."""
    assert await struck_steps(begun, way, "filled", begun.is_freed) == "[]"


@pytest.mark.parametrize("way", WAYS)
async def test_one_whole_copy_exists_until_the_name_is_back(begun: Story, way: str) -> None:
    """Struck after the deletion, the next run ends with the name in the other region, and with all content."""
    assert await struck_steps(begun, way, "freed", partial(moved, begun)) == "[]"
