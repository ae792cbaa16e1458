"""A rehearsal that is stopped or refused at any write: nothing is left of it in the end, and nothing else gone."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tasks.rehearsal
from acr_relocate.core.approval.decision import Decision, TerminalAnswer, answer_form
from acr_relocate.core.errors import RelocationError
from flows.rehearse import rehearse_relocation
from local_azure.launcher import Emulator, running
from tasks.rehearsal import find_rehearsals, remove_rehearsal
from tasks.runs.approval import answered_at_terminal
from tests.service.conftest import LEAST, Move, make_move
from tests.service.test_cli import command
from tests.service.test_rehearse import question
from tests.support.architecture import ROOT
from tests.thorough.steps import Step, differing, dump, steps

MOMENTS = 20


@pytest.fixture(scope="module", name="field")
def _field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path]]:
    """An Azure of their own, with its state in a file."""
    with running("demo") as emulator:
        file = tmp_path_factory.mktemp("rehearsal") / "state.json"
        emulator.save(file)
        yield emulator, file


@pytest.fixture(name="move")
def _move(field: tuple[Emulator, Path], monkeypatch: pytest.MonkeyPatch) -> Move:
    """A relocation to rehearse; each rehearsal has the same id, so that its writes have the same paths."""
    emulator, file = field
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tasks.rehearsal, "token_hex", lambda size: "5e" * size)
    emulator.clear_faults()
    emulator.load(file)
    return make_move(emulator, LEAST)


def test_a_recording_of_the_demo_is_compared(tmp_path: Path) -> None:
    """Made through the command line; equal to another rehearsal's, and a planted difference is named."""
    recording = tmp_path / "recording.json"

    def ended(*arguments: str) -> tuple[int, str]:
        return command("local-azure", *arguments, cwd=tmp_path).ended(600)[:2]

    rehearsal = ["acr-relocate", "rehearse", str(ROOT / "examples" / "demo.yaml"), "--yes", "--large", "1"]
    made = ended("--seed", "demo", "--", *rehearsal, "--record", str(recording))
    equal = ended("--compare", str(recording))
    recording.write_text(recording.read_text().replace('"writeEnabled"', '"writeAllowed"'))
    different = ended("--compare", str(recording))

    assert made[0] == 0
    assert (equal[0], equal[1].splitlines()[-1][:6]) == (0, "equal:")
    assert different[0] == 1
    assert ".writeAllowed is missing" in different[1]


async def rehearse(move: Move) -> None:
    """Asked, approved and carried out, however it ends."""
    subject = await question(move)
    answer = answer_form(subject).model_validate({"decision": Decision.APPROVE, "name": "Ann Approver"})
    given = TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)
    with answered_at_terminal([given]), suppress(RelocationError):
        await rehearse_relocation(move.request, large_mebibytes=1)


async def some_steps(move: Move) -> list[Step]:
    """Writes of a rehearsal, evenly from the first to the last."""
    move.emulator.reset_stats()
    await rehearse(move)
    found = steps(move.emulator)
    return found[:: max(1, len(found) // MOMENTS)]


async def test_killed_at_a_write_it_is_cleaned_by_its_record(
    move: Move, field: tuple[Emulator, Path], tmp_path: Path
) -> None:
    """The write had its effect, and the process did nothing any more; later another one finds what is left."""
    emulator, file = field
    before, unclean = dump(emulator, tmp_path / "now.json"), {}
    for step in await some_steps(move):
        emulator.load(file)
        step.stop(emulator)
        await rehearse(move)
        emulator.clear_faults()
        for left in await find_rehearsals():
            await remove_rehearsal(left)
        unclean[str(step)] = differing(before, dump(emulator, tmp_path / "now.json"))

    assert len(unclean) >= MOMENTS
    assert {step: lines for step, lines in unclean.items() if lines} == {}


async def test_refused_at_a_write_it_cleans_up_itself(move: Move, field: tuple[Emulator, Path], tmp_path: Path) -> None:
    """A right that is missing for one write: whatever it was, what can be removed is, and the rest by a second try."""
    emulator, file = field
    before, unclean = dump(emulator, tmp_path / "now.json"), {}
    for step in await some_steps(move):
        emulator.load(file)
        step.refuse(emulator)
        await rehearse(move)
        if step.write.startswith("delete"):
            for left in await find_rehearsals():
                await remove_rehearsal(left)
        unclean[str(step)] = differing(before, dump(emulator, tmp_path / "now.json"))

    assert {step: lines for step, lines in unclean.items() if lines} == {}
