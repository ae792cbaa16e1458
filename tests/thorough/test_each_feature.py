"""Each option that changes what moves: struck at each kind of its writes and run again, twice, and taken back.

The demo registry; several sources have a seed of their own as the second one. What a whole relocation needs besides,
and every single write of it, is in test_each_step.py.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.core.approval.decision import ApprovalNeeded, Decision, answer_form
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import unclean
from deployments.proof import attach_to_images, prove_move
from flows.discard_target import discard_relocation
from flows.import_images import import_images
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator, running
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, observing
from tests.service.conftest import LEAST, Move, make_move
from tests.service.merging import DECIDED, merge
from tests.service.test_discard import discard
from tests.thorough.steps import Step, differing, dump, steps

VARIES = re.compile(r"sha256:[0-9a-f]{64}|(?<=_tags/)[^/]+|(?<=-)[0-9a-f]{8,}(?=[-/]|$)")
"""Digests, tags, and the ids in the names of leases and deployments."""
UNLOCKED = ("contoso/identity/*",)
"""A few images without locks: a tag that is locked at the source is locked at the target, and no prune removes it."""
Run = Callable[[], Awaitable[object]]


@dataclass
class Feature:
    """The run with the option, the runs before it, and the moves to take back afterwards, the last first."""

    emulator: Emulator
    moves: tuple[Move, ...]
    run: Run
    before: tuple[Run, ...] = ()


async def renamed(emulator: Emulator) -> Feature:
    """A relocation under other names."""
    move = make_move(emulator, LEAST, rename={"legacy/**": "archive/**"}, cut_over=False)
    return Feature(emulator, (move,), lambda: relocate_registry(move.request))


async def hot_first(emulator: Emulator) -> Feature:
    """The rest, after what was pulled lately; without logs that is what was pushed lately."""
    hot = make_move(emulator, LEAST, cut_over=False)
    lately = hot.request.selection.model_copy(update={"pulled_since": "30", "tags": ["v1*", "1*"]})
    first = hot.request.model_copy(update={"selection": lately})
    return Feature(emulator, (hot,), lambda: import_images(hot.request), (lambda: relocate_registry(first),))


async def pruned(emulator: Emulator) -> Feature:
    """Tags that are no longer selected go, each time after an approval."""
    move = make_move(emulator, UNLOCKED, cut_over=False)
    narrow = Selection(repositories=[*UNLOCKED], newest=1)
    request = move.request.model_copy(update={"selection": narrow, "prune_unselected": True})
    return Feature(
        emulator, (move,), lambda: approved(lambda: import_images(request)), (lambda: relocate_registry(move.request),)
    )


async def attached(emulator: Emulator) -> Feature:
    """The proof of the move at each image."""
    move = make_move(emulator, LEAST, cut_over=False)

    async def prove() -> int:
        proven = await prove_move(move.request, lambda _: None)
        return await attach_to_images(proven, '{"signed": true}')

    return Feature(emulator, (move,), prove, (lambda: relocate_registry(move.request),))


async def joined(emulator: Emulator) -> Feature:
    """The second of two sources of one target, after the first."""
    pair = await merge(emulator, *LEAST, **DECIDED)
    first, second = pair.moves
    return Feature(
        emulator, pair.moves, lambda: relocate_registry(second.request), (lambda: relocate_registry(first.request),)
    )


FEATURES = (renamed, hot_first, pruned, attached, joined)


async def approved(run: Run) -> object:
    """The run, with the answer to its question if it asks one."""
    events: list[Event] = []
    try:
        with observing(events.append):
            return await run()
    except CancelledRun:
        subject = next(event.subject for event in events if isinstance(event, ApprovalNeeded))
    answer = answer_form(subject).model_validate({"decision": Decision.APPROVE, "name": "Ann Approver"})
    with answered_at_terminal(
        [TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)]
    ):
        return await run()


@pytest.fixture(scope="module", name="own_azure")
def _own_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path]]:
    with running("demo") as emulator:
        folder = tmp_path_factory.mktemp("features")
        emulator.save(folder / "start")
        yield emulator, folder


@pytest.fixture(name="azure")
def _azure(own_azure: tuple[Emulator, Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Emulator, Path]:
    emulator, folder = own_azure
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    emulator.load(folder / "start")
    return emulator, folder


async def taken_back(feature: Feature) -> None:
    """Every move, the last first; one of which there is nothing asks no question."""
    for move in reversed(feature.moves):
        try:
            await discard(move)
        except pytest.fail.Exception:
            await discard_relocation(move.request)


class Strike(NamedTuple):
    """A fault at a write of a run: the first of its kind is refused, the last of its kind stops the run for good."""

    step: Step
    stops: bool

    def __str__(self) -> str:
        """The facts that a person can tell apart."""
        return f"{'stopped' if self.stops else 'refused'}: {self.step}"

    def arm(self, emulator: Emulator, state: Path) -> None:
        """The saved state is there again, and the fault is armed."""
        emulator.load(state)
        emulator.reset_stats()
        (self.step.stop if self.stops else self.step.refuse)(emulator)


def strikes(found: list[Step]) -> list[Strike]:
    """Two strikes for each kind of write: writes of one kind differ by a name, a digest or a number."""
    assert found, "nothing was written"
    kinds: dict[str, list[Step]] = {}
    for step in found:
        kinds.setdefault(VARIES.sub("-", step.write), []).append(step)
    return [Strike(steps[-stops], bool(stops)) for steps in kinds.values() for stops in (0, 1)]


async def struck(emulator: Emulator, run: Run) -> None:
    """The run, which may fail at what is armed; nothing is armed afterwards."""
    with suppress(RelocationError):
        await run()
    emulator.clear_faults()


@pytest.mark.parametrize("make", FEATURES, ids=lambda make: make.__name__)
async def test_a_feature_that_is_struck_at_each_kind_of_write_completes_and_leaves_no_trace(
    make: Callable[[Emulator], Awaitable[Feature]], azure: tuple[Emulator, Path]
) -> None:
    """Refused before its effect, then again; stopped after it, then again, once more without a write, taken back."""
    emulator, folder = azure
    feature = await make(emulator)
    untouched, wrong = dump(emulator, folder / "now"), dict[str, list[str]]()
    for run in feature.before:
        await run()
    emulator.save(folder / "before")
    emulator.reset_stats()
    await feature.run()
    found, done = steps(emulator), held(feature)
    for strike in strikes(found):
        strike.arm(emulator, folder / "before")
        await struck(emulator, feature.run)
        try:
            await feature.run()
            lines = [] if held(feature) == done else ["the target holds something else"]
            if strike.stops:
                emulator.reset_stats()
                await feature.run()
                lines += [str(one) for one in steps(emulator)]
                await taken_back(feature)
                lines += differing(untouched, dump(emulator, folder / "now"))
        except RelocationError as error:
            lines = [str(error)]
        if lines:
            wrong[str(strike)] = lines
    assert wrong == {}


def held(feature: Feature) -> dict[str, Any]:
    """The tags and digests of the target, from the emulator's own books; of a referrer its subject.

    A proof has the time at which it was made, and so another digest each time.
    """
    repositories = feature.emulator.content(feature.moves[0].request.target.name)["repositories"]
    return {
        name: (one["tags"], sorted(found.get("subject") or digest for digest, found in one["manifests"].items()))
        for name, one in repositories.items()
    }


@pytest.mark.parametrize("number", [0, 1])
async def test_each_part_that_was_struck_while_it_was_taken_back_goes_and_the_other_stays(
    number: int, azure: tuple[Emulator, Path]
) -> None:
    """At each write of its discard; the other source is verified afterwards, then taken back without a trace."""
    emulator, folder = azure
    pair = await merge(emulator, *LEAST, **DECIDED)
    untouched, wrong = dump(emulator, folder / "now"), dict[str, list[str]]()
    for move in pair.moves:
        await relocate_registry(move.request)
    emulator.save(folder / "before")
    gone, other = pair.moves[number], pair.moves[1 - number]
    emulator.reset_stats()
    await discard(gone)
    found = steps(emulator)
    for strike in strikes(found):
        strike.arm(emulator, folder / "before")
        await struck(emulator, lambda: discard(gone))
        try:
            await taken_back(Feature(emulator, (gone,), lambda: discard_relocation(gone.request)))
            verified = await verify_relocation(other.request)
            lines = [one.message for one in unclean(verified.differences)]
            await discard(other)
            lines += differing(untouched, dump(emulator, folder / "now"))
        except RelocationError as error:
            lines = [str(error)]
        if lines:
            wrong[str(strike)] = lines
    assert wrong == {}
