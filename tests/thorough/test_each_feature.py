"""Each option that changes what moves: struck at each kind of its writes and run again, twice, and taken back.

Of the demo registry, and of one of its own (features.py); where several become one, the demo is the first and the other
the second. What a whole relocation needs besides, and every single write of it, is in test_each_step.py.
"""

import re
import string
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from acr_relocate.core.errors import RelocationError
from acr_relocate.core.verification import unclean
from flows.discard_target import discard_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator, running
from tests.service.conftest import LEAST
from tests.service.merging import DECIDED, merge
from tests.service.test_discard import discard
from tests.thorough.features import FEATURES, SEEDS, Feature, MakeMove, Run, joined, of_the_demo
from tests.thorough.steps import Step, differing, dump, outlive_leases, steps

VARIES = re.compile(
    r"sha256:[0-9a-f]{64}|(?<=_tags/)[^/]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=-)[0-9a-f]{8,}(?=[-/]|$)"
)
"""Digests, tags, the names of role assignments, and the ids in the names of leases and deployments."""
CASES = [*((make, seed) for seed in SEEDS for make in FEATURES), (joined, of_the_demo)]


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
        return f"{'stopped' if self.stops else 'refused'}: {self.step}".replace("[0-9a-f]", "x")

    def arm(self, emulator: Emulator, state: Path) -> None:
        """The saved state is there again, and the fault is armed."""
        emulator.load(state)
        emulator.reset_stats()
        (self.step.stop if self.stops else self.step.refuse)(emulator)


def strikes(found: list[Step]) -> list[Strike]:
    """Two strikes for each kind of write: writes of one kind differ by a name, a digest or a number.

    They name the kind, not the write: the digest of a proof is another one in each run.
    """
    assert found, "nothing was written"
    kinds: dict[str, list[Step]] = {}
    for step in found:
        kinds.setdefault(VARIES.sub("-", step.write), []).append(step)
    return [
        Strike(Step(VARIES.sub(_any_like, steps[0].write), number), stops=stops)
        for steps in kinds.values()
        for number, stops in ((1, False), (len(steps), True))
    ]


def _any_like(found: re.Match[str]) -> str:
    """Return the pattern for all names of this form: a deployment is not a lease."""
    if not re.fullmatch(r"(sha256:)?[0-9a-f-]{8,}", found[0]):
        return "*"  # a tag
    return "".join("[0-9a-f]" if one in string.hexdigits else "?" for one in found[0])


async def struck(emulator: Emulator, run: Run) -> None:
    """The run, which may fail at what is armed; nothing is armed afterwards, and the run's lease is over."""
    with suppress(RelocationError):
        await run()
    assert emulator.faults()["stops-at-write"]["taken"], "the run never came to this write"
    emulator.clear_faults()
    outlive_leases(emulator)


@pytest.mark.parametrize(("make", "seed"), CASES, ids=lambda one: one.__name__)
async def test_a_feature_that_is_struck_at_each_kind_of_write_completes_and_leaves_no_trace(
    make: Callable[[Emulator, MakeMove], Awaitable[Feature]], seed: MakeMove, azure: tuple[Emulator, Path]
) -> None:
    """Refused before its effect, then again; stopped after it, then again, once more without a write, taken back."""
    emulator, folder = azure
    feature = await make(emulator, seed)
    untouched, wrong = dump(emulator, folder / "now"), dict[str, list[str]]()
    for run in feature.before:
        await run()
    emulator.save(folder / "before")
    emulator.reset_stats()
    await feature.run()
    found, done = steps(emulator), feature.held()
    began = time.monotonic()
    assert feature.shows(done)
    for strike in strikes(found):
        strike.arm(emulator, folder / "before")
        await struck(emulator, feature.run)
        try:
            await feature.run()
            lines = [] if feature.held() == done else ["the target holds something else"]
            if strike.stops:
                emulator.reset_stats()
                await feature.run()
                lines += [str(one) for one in steps(emulator)]
                await taken_back(feature)
                lines += differing(untouched, dump(emulator, folder / "now"))
        except RelocationError as error:
            lines = [str(error)]
        print(f"{time.monotonic() - began:4.0f} s, {strike}: {lines or 'as it should be'}")
        if lines:
            wrong[str(strike)] = lines
    assert wrong == {}


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
    began = time.monotonic()
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
        print(f"{time.monotonic() - began:4.0f} s, {strike}: {lines or 'as it should be'}")
        if lines:
            wrong[str(strike)] = lines
    assert wrong == {}
