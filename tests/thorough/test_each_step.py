"""A relocation with everything around a registry is struck at each of its writes, and taken back, or gone on with.

The small one, in every `make test`: tests/service/test_discard.py and test_steps.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from acr_relocate.core.errors import RelocationError
from acr_relocate.core.report.report import Report
from acr_relocate.core.verification import unclean
from flows.import_images import import_images
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tests.service.conftest import LEAST, Move, make_move
from tests.service.test_cut_over import NODES, NORTH_NETWORK, WEST_NETWORK, _create_names_manually, _plant_more
from tests.service.test_discard import discard
from tests.thorough.steps import Step, differing, dump, outlive_leases, steps

PARTS = range(4)
"""The sweeps are divided, so that they can run beside each other; each part finds the steps for itself."""

WAYS: dict[str, Callable[[Step, Emulator], None]] = {"refused": Step.refuse, "stopped": Step.stop}


@dataclass
class Field:
    """An Azure in which a registry is to be moved with all that depends on it."""

    move: Move
    folder: Path

    @property
    def emulator(self) -> Emulator:
        return self.move.emulator

    def begin(self, state: str = "before") -> None:
        """All is as it was saved, no fault is armed, nothing was counted."""
        self.emulator.load(self.folder / state)
        self.emulator.reset_stats()

    def dump(self) -> str:
        """All that Azure holds, but the password in the key vault, which is left to a person."""
        return dump(self.emulator, self.folder / "now", but=f"{self.move.request.target.name}-token-")

    async def relocate(self) -> Report:
        report = await relocate_registry(self.move.request)
        assert isinstance(report, Report)
        return report

    async def steps(self) -> list[Step]:
        """Every write of a relocation that nothing disturbs."""
        self.begin()
        await self.relocate()
        return steps(self.emulator)

    async def struck(self, step: Step, strike: Callable[[Step, Emulator], None]) -> str:
        """A relocation was struck at the step; how it ended, in words."""
        self.begin()
        return await self.strike(step, strike, lambda: relocate_registry(self.move.request))

    async def strike(
        self, step: Step, strike: Callable[[Step, Emulator], None], run: Callable[[], Awaitable[object]]
    ) -> str:
        """The run was struck at the step; how it ended, in words."""
        strike(step, self.emulator)
        try:
            await run()
        except RelocationError as error:
            return str(error)
        finally:
            assert self.emulator.faults()["stops-at-write"]["taken"], f"never came to {step}"
            self.emulator.clear_faults()
            outlive_leases(self.emulator)
        return ""


@pytest.fixture(scope="module", name="own_field")
def _own_field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with running("demo") as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.env.items():
            patch.setenv(name, value)
        _plant_more(emulator)
        asyncio.run(_create_names_manually())
        subnets = {f"{WEST_NETWORK}/{name}": f"{NORTH_NETWORK}/{name}" for name in ("apps", "endpoints")}
        move = make_move(emulator, LEAST, subnets=subnets, token_vault="contosovault", kubelet_identities=[NODES])
        field = Field(move, tmp_path_factory.mktemp("steps"))
        emulator.save(field.folder / "before")
        yield field


@pytest.fixture(name="field")
def _field(own_field: Field, monkeypatch: pytest.MonkeyPatch) -> Field:
    for name, value in own_field.emulator.env.items():
        monkeypatch.setenv(name, value)
    own_field.begin()
    return own_field


def told(wrong: dict[str, list[str]]) -> None:
    """Everything that went wrong, step by step, before the test fails for it."""
    if wrong:
        pytest.fail("\n".join(f"{step}\n    " + "\n    ".join(lines) for step, lines in wrong.items()), pytrace=False)


@pytest.mark.parametrize("part", PARTS)
async def test_discarding_after_a_failure_at_each_step_leaves_everything_as_it_was(part: int, field: Field) -> None:
    """Refused before its effect, or stopped for good after it: to the byte, the target's resource group included."""
    before, wrong = field.dump(), dict[str, list[str]]()
    for step in (await field.steps())[part :: len(PARTS)]:
        for way, strike in WAYS.items():
            await field.struck(step, strike)
            try:
                await discard(field.move)
            except RelocationError as error:
                wrong[f"{way}: {step}"] = [str(error)]
                continue
            except pytest.fail.Exception:
                pass  # no question, because nothing of it exists; the dump proves it
            if rest := differing(before, field.dump()):
                wrong[f"{way}: {step}"] = rest
    told(wrong)


@pytest.mark.parametrize("part", PARTS)
async def test_a_run_again_after_a_failure_at_each_step_completes(part: int, field: Field) -> None:
    """The relocation is verified and clean wherever and however it was struck, and the next run writes nothing."""
    wrong = dict[str, list[str]]()
    for step in (await field.steps())[part :: len(PARTS)]:
        for way, strike in WAYS.items():
            await field.struck(step, strike)
            try:
                report = await field.relocate()
                field.emulator.reset_stats()
                await field.relocate()
            except RelocationError as error:
                wrong[f"{way}: {step}"] = [str(error)]
                continue
            rest = [*map(str, (*report.failures, *unclean(report.differences))), *map(str, steps(field.emulator))]
            if rest or report.verdict != "relocated":
                wrong[f"{way}: {step}"] = [report.verdict, *rest]
    told(wrong)


async def test_discarding_after_a_last_pass_that_was_stopped_at_each_step_gives_the_source_back(field: Field) -> None:
    """Locks that it could not give back are as they were before."""
    before, wrong = field.dump(), dict[str, list[str]]()
    await field.relocate()
    field.emulator.save(field.folder / "moved")
    field.emulator.reset_stats()
    await import_images(field.move.request, freeze=True)
    found = steps(field.emulator)
    assert found, "nothing was locked"
    for step in found:
        field.begin("moved")
        await field.strike(step, Step.stop, lambda: import_images(field.move.request, freeze=True))
        await discard(field.move)
        if rest := differing(before, field.dump()):
            wrong[str(step)] = rest
    told(wrong)
