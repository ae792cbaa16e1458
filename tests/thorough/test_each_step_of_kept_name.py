"""A move under the same name is stopped at its writes, as by a kill: at no time is there less than one whole copy.

From a complete intermediate registry: the last pass, the deletion, the way back. Of each kind of write the first one. A
second run goes on, and ends with the same login server.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
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
from tests.hostile.kept_name import HALFWAY, HALFWAY_ID, REQUEST, holds, region_of_name
from tests.hostile.names import SOURCE, SOURCE_ID
from tests.service.test_delete_source import yes
from tests.thorough.steps import Step, steps

ALIKE = 1
"""The number of writes of each kind that are struck."""


@dataclass
class Story:
    """The demo registry with a complete intermediate registry beside it."""

    emulator: Emulator
    request: RelocationRequest
    folder: Path

    async def begin(self) -> None:
        """Make the world once, and begin in it."""
        world = self.folder / "filled.json"
        if not world.exists():
            await relocate_registry(self.request)
            self.emulator.save(world)
        self.emulator.load(world)
        self.emulator.reset_stats()

    def books(self) -> Books:
        """Return the books of now."""
        return Books(self.emulator, self.folder / "books.json")

    def copies(self, wanted: dict[str, set[str]]) -> list[str]:
        """Return the registries that hold all of it."""
        books = self.books()
        ids = {SOURCE: SOURCE_ID, HALFWAY: HALFWAY_ID}
        return [name for name, path in ids.items() if holds(books.whole(name, path), wanted)]


@pytest.fixture(scope="module", name="story")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with running("demo") as emulator:
        yield Story(emulator, parse_request(REQUEST), tmp_path_factory.mktemp("kept-name"))


@pytest.fixture(name="begun")
async def _begun(story: Story, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    for name, value in story.emulator.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tasks.kept_name.wait_for_name, "retry_delay_seconds", [0.05])
    await story.begin()
    yield story
    story.emulator.clear_faults()


async def moved(story: Story) -> bool:
    """Run once, and once more with the answer if a person was asked; return whether it was moved."""
    given: list[ApprovalSubject] = []
    for _ in range(2):
        events: list[Event] = []
        try:
            with observing(events.append), answered_at_terminal([yes(one) for one in given]):
                report = await keep_name(story.request)
        except RelocationError:
            return False
        except CancelledRun:
            given = [event.subject for event in events if isinstance(event, ApprovalNeeded)]
            if not given:
                return False
            continue
        return isinstance(report, Report) and report.verdict == "relocated"
    return False


def struck(emulator: Emulator) -> list[Step]:
    """Return the writes to strike: the first ones of each kind, without those of leases."""
    seen: Counter[str] = Counter()
    found = []
    for step in steps(emulator):
        seen[kind_of(step.write)] += 1
        if seen[kind_of(step.write)] <= ALIKE and "/acr-relocate-lease-" not in step.write:
            found.append(step)
    return found


def kind_of(write: str) -> str:
    """Return the method with the type of the resource; of a record its kind, of a registry's own API the area."""
    method, _, path = write.partition(" ")
    if "/providers/" not in path:
        return f"{method} {'/'.join(path.split('/')[:3])}"
    namespace, *rest = path.rpartition("/providers/")[2].split("/")
    record = "-".join(rest[1].split("-")[:3]) if "acr-relocate-" in path and len(rest) > 1 else ""
    return f"{method} {namespace}/{'/'.join(rest[::2])} {record}"


async def test_one_whole_copy_exists_whatever_is_struck(begun: Story) -> None:
    """Stopped at a write as by a kill, and once more refused; the next run ends with the name in the other region."""
    wanted = begun.books().whole(SOURCE, SOURCE_ID)
    assert await moved(begun)
    assert begun.copies(wanted) == [SOURCE, HALFWAY]
    wrong: list[str] = []
    for step in struck(begun.emulator):
        await begun.begin()
        step.stop(begun.emulator)
        done = await moved(begun)
        begun.emulator.clear_faults()
        if not begun.copies(wanted):
            wrong.append(f"{step}: no registry has a whole copy")
        if not (done or await moved(begun)):
            wrong.append(f"{step}: the second run does not end it")
        elif begun.copies(wanted) != [SOURCE, HALFWAY] or region_of_name(begun.books()) != "northeurope":
            wrong.append(f"{step}: not as it should be")
    assert json.dumps(wrong, indent=1) == "[]"
