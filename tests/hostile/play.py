"""The play: at random, by a seed that is printed, over all flows; after each step the books are asked."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from local_azure.launcher import Emulator
from tests.hostile.books import Books, violations
from tests.hostile.machine import Ended, Machine
from tests.hostile.names import REQUEST, SOURCE, SOURCE_ID, TARGET, TARGET_ID
from tests.hostile.others import Others, begin

FLOWS = (
    ("run",), ("run",), ("sync",), ("sync", "--freeze"), ("sync", "--freeze"), ("cut-over",), ("verify",), ("plan",),
)  # fmt: skip
FAULTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("throttle-arm", {"retry_after": 1}),
    ("throttle-oauth", {"retry_after": 1}),
    ("cut-connection", {"plane": "arm", "times": 3}),
    ("cut-connection", {"plane": "registry", "times": 5}),
    ("import-fails-once", {}),
    ("import-500-after-accept", {}),
    ("truncate-catalogue", {}),
    ("role-not-propagated", {}),
)
ROUND = 14
"""Steps after which a round ends: the operators set things right, and a new world begins."""


@dataclass
class Figures:
    """The moves played, and the violations found."""

    seed: int
    steps: int = 0
    rounds: int = 0
    kills: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The figures as one line of JSON."""
        return json.dumps({**self.__dict__, "ended": dict(self.ended)})


class Play:
    """Two machines, one world, and everybody else."""

    def __init__(
        self, emulator: Emulator, machines: tuple[Machine, ...], folder: Path, seed: int, say: Callable[[str], None]
    ) -> None:
        self._emulator, self._machines, self._folder, self._say = emulator, machines, folder, say
        self._chance, self.figures = random.Random(seed), Figures(seed)
        self._request = folder / "request.yaml"
        self._request.write_text(yaml.safe_dump(REQUEST))
        self._starts = (folder / "new", folder / "relocated")
        emulator.save(self._starts[0])
        whole = machines[0].run("run", str(self._request))
        if whole.status != 0:
            raise RuntimeError(f"the first run ended with {whole.status}:\n{whole.output[-3000:]}")
        self._longest = whole.seconds
        emulator.save(self._starts[1])
        self._begin()

    def until(self, end: float) -> Figures:
        """Rounds are played until the time is over; the last one is finished."""
        while time.monotonic() < end:
            for _ in range(ROUND):
                self._step()
                if time.monotonic() > end or not self._books().has_registry(SOURCE_ID):
                    break
            self._set_right()
            self._begin()
        return self.figures

    def _begin(self) -> None:
        self._emulator.load(self._chance.choice(self._starts))
        self._emulator.clear_faults()
        self._ledger = begin(self._books())
        self._others = Others(self._emulator, self._ledger, self._chance)
        self.figures.rounds += 1

    def _step(self) -> None:
        kinds = (self._command, self._command, self._command, self._someone, self._someone, self._both, self._remove)
        told = self._chance.choice(kinds)()
        self.figures.steps += 1
        self._ask(told)

    def _someone(self) -> str:
        return self._others.act(self._books())

    def _command(self) -> str:
        """A command on one machine, perhaps with a fault, a full disk or a kill."""
        flow, machine = self._chance.choice(FLOWS), self._chance.choice(self._machines)
        trouble = self._chance.choice(("none", "fault", "fault", "kill", "kill", "disk"))
        if trouble == "fault":
            name, how = self._chance.choice(FAULTS)
            self._emulator.arm_fault(name, **how)
        kill_after = self._chance.uniform(2, self._longest) if trouble == "kill" else None
        ended = machine.run(*flow, str(self._request), kill_after=kill_after, full_disk=trouble == "disk")
        self._emulator.clear_faults()
        return self._told(ended, f"{machine.name}, {trouble}")

    def _both(self) -> str:
        """The same registries on both machines at once."""
        running = [one.start(*self._chance.choice(FLOWS), str(self._request)) for one in self._machines]
        return " | ".join(self._told(one.wait(), "at once") for one in running)

    def _remove(self) -> str:
        """The relocation is taken back, or the source is deleted: approved, and somebody pushes while it is read."""
        books, machine = self._books(), self._chance.choice(self._machines)
        if not books.has_registry(TARGET_ID):
            return self._command()
        flow, types = self._chance.choice((("discard", TARGET), ("delete-source", SOURCE)))
        if flow == "delete-source":
            self._others.leave()
            machine.run("run", str(self._request))
            self._ledger.resources = self._ledger.resources or self._books().at_source()
        approved = {name: set(digests) for name, digests in self._ledger.their_images.items()}
        late = self._chance.choice((None, self._someone))
        kill_after = self._chance.choice((None, self._chance.uniform(2, 2 * self._longest)))
        ended = machine.run(flow, str(self._request), types=types, kill_after=kill_after, while_asked=late)
        if flow == "discard" and not self._books().has_registry(TARGET_ID):
            for name, digests in approved.items():
                self._ledger.their_images[name] -= digests
        return self._told(ended, f"{machine.name}, {'somebody acts meanwhile' if late else 'approved'}")

    def _set_right(self) -> None:
        """With everybody else at rest, what an operator does next on the other machine ends well."""
        self._others.withdraw()
        machine = self._chance.choice(self._machines)
        if self._books().has_registry(SOURCE_ID):
            ended = machine.run("run", str(self._request))
            again = ended if ended.status == 0 else machine.run("run", str(self._request))
            told = self._told(again, f"{machine.name}, all others at rest")
            if again.status != 0 and "conflict" not in again.output:
                self._found(f"it does not converge: {told}", again.output)
            self._ask(told)

    def _told(self, ended: Ended, how: str) -> str:
        self._ledger.killed = ended.status is None or (self._ledger.killed and ended.status != 0)
        self.figures.kills += ended.status is None
        flow = ended.command.partition(" /")[0]
        self.figures.ended[f"{flow}: {'killed' if ended.status is None else ended.status}"] += 1
        self._ledger.secrets_in += [
            (f"what {flow} wrote", one) for one in self._emulator.secrets() if len(one) > 8 and one in ended.output
        ]
        if "is not credible" in ended.output:
            self._others.withdraw()  # the operator has looked into it
        if "Traceback (most recent call last)" in ended.output:
            self._found(f"{flow} ended in a bare Python error", ended.output)
        return f"{flow} ({how}): {'killed' if ended.status is None else ended.status}"

    def _ask(self, told: str) -> None:
        self._say(f"{self.figures.steps:4} {told}")
        for found in violations(self._books(), self._ledger):
            self._found(f"after {told}: {found}", "")
            self._ledger = self._others.ledger = begin(self._books())  # each is told once

    def _found(self, what: str, output: str) -> None:
        self.figures.violations.append(what)
        self._say(f"  VIOLATION {what}\n{output[-2500:]}")

    def _books(self) -> Books:
        return Books(self._emulator, self._folder / "books.json")
