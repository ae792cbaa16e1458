"""`python -m tests.hostile.kills [--kills 20] [--flow NAME] [--seed N]`: SIGKILL at random moments of writing flows.

A moment is a call that Azure gets: it falls on the work, however slow the machine is. After each kill the next command
runs on another machine, with an empty state folder and a new Prefect server: it ends well, and the books show (a) to
(e). The claim of the killed run is taken away, as a minute does it.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from local_azure.launcher import Emulator, running
from tests.hostile.books import Books, Ledger, violations
from tests.hostile.machine import Ended, Machine
from tests.hostile.names import REQUEST, SOURCE, SOURCE_ID, TARGET
from tests.hostile.others import Others, begin
from tests.hostile.switched import unswitched, use_elsewhere


@dataclass(frozen=True)
class Flow:
    """The command, the world that it begins in, and what a person types to approve it.

    `served`: runs of its own do the work, which `acr-relocate serve` takes on the same machine. `then`: the command
    that goes on elsewhere after a kill.
    """

    command: tuple[str, ...]
    world: str
    types: str = ""
    served: bool = False
    then: tuple[str, ...] = ("run",)


FLOWS = {
    "run": Flow(("run",), "new"),
    "sync --freeze": Flow(("sync", "--freeze"), "relocated"),
    "cut-over": Flow(("cut-over",), "copied"),
    "cut-over --switch": Flow(("cut-over", "--switch"), "used elsewhere", then=("cut-over", "--switch")),
    "discard": Flow(("discard",), "relocated", types=TARGET),
    "delete-source": Flow(("delete-source",), "unused", types=SOURCE),
    "batch": Flow(("batch",), "new", served=True),
}
LEASE = "/acr-relocate-lease-"


@dataclass
class Trials:
    """The worlds that flows begin in, and the machines, each with a state folder of its own."""

    emulator: Emulator
    folder: Path
    chance: random.Random

    def prepare(self) -> None:
        """Save the worlds."""
        self.request = self.folder / "request.yaml"
        self.request.write_text(yaml.safe_dump(REQUEST))
        self.batch = self.folder / "batch.yaml"
        self.batch.write_text(yaml.safe_dump({"name": "killed", "requests": [REQUEST]}))
        without = self.folder / "without.yaml"
        without.write_text(yaml.safe_dump(REQUEST | {"cut_over": False}))
        self.emulator.save(self.folder / "new")
        with self.elsewhere() as place:
            require_end(place.run("run", str(without)))
            self.emulator.save(self.folder / "copied")
            require_end(place.run("run", str(self.request)))
        self.emulator.save(self.folder / "relocated")
        use_elsewhere(self.emulator)
        self.emulator.save(self.folder / "used elsewhere")
        self.emulator.load(self.folder / "relocated")
        Others(self.emulator, begin(self.books()), self.chance).leave()
        self.emulator.save(self.folder / "unused")

    def books(self) -> Books:
        """The books of now."""
        return Books(self.emulator, self.folder / "books.json")

    @contextmanager
    def elsewhere(self, *, serves: bool = False) -> Iterator[Machine]:
        """A machine that nothing has run on; afterwards nothing is left of it."""
        with TemporaryDirectory(dir=self.folder, prefix="machine-") as name:
            machine = Machine(name, Path(name), None, self.emulator)
            with machine.serving() if serves else machine.powered() as place:
                yield place

    def begin(self, world: str) -> Ledger:
        """Begin in the world; what has to be so from now on."""
        self.emulator.load(self.folder / world)
        return begin(self.books())

    def run(self, flow: Flow, kill_at: int | None = None) -> Ended:
        """Run the flow on a machine that nothing has run on, and kill it when Azure has got so many calls from it."""
        self.emulator.reset_stats()
        when = None if kill_at is None else lambda: self.calls() >= kill_at
        with self.elsewhere(serves=flow.served) as place:
            file = self.batch if flow.served else self.request
            return place.run(*flow.command, str(file), types=flow.types, kill_when=when)

    def calls(self) -> int:
        """The calls that Azure has got since the flow began."""
        return int(sum(self.emulator.stats()["planes"].values()))

    def kill(self, name: str, calls: int) -> list[str]:
        """Kill the flow at one of its calls, go on elsewhere; what of it was wrong."""
        flow = FLOWS[name]
        ledger = self.begin(flow.world)
        call = self.chance.randrange(calls)
        killed = self.run(flow, kill_at=call)
        ledger.killed = killed.status is None
        found = list(violations(self.books(), ledger))
        for note in self.emulator.resources("Microsoft.Resources/deployments"):
            if LEASE in note["id"]:
                self.emulator.uproot(note["id"])
        if self.books().has_registry(SOURCE_ID):
            with self.elsewhere() as place:
                ended = place.run(*flow.then, str(self.request))
            found += [] if ended.status == 0 else [f"the next run ended with {ended.status}\n{ended.output[-2500:]}"]
        ledger.killed = False
        found += unswitched(self.emulator) if "--switch" in flow.then else []
        found += list(violations(self.books(), ledger))
        return [f"{name} killed at call {call}: {each}" for each in found]


def play(trials: Trials, flows: Sequence[str], kills: int) -> dict[str, list[str]]:
    """Kill each flow in turn, so often; all that was wrong. Each is told at once, so that a stop loses no figure."""
    calls: dict[str, int] = {}
    for flow in flows:
        trials.begin(FLOWS[flow].world)
        require_end(trials.run(FLOWS[flow]))
        calls[flow] = trials.calls()
    wrong: dict[str, list[str]] = {flow: [] for flow in flows}
    for number in range(kills):
        for flow in flows:
            began = time.monotonic()
            found = trials.kill(flow, calls[flow])
            told = "; ".join(found) or "all holds"
            print(f"{flow}, kill {number + 1} of {kills}, {time.monotonic() - began:.0f} s: {told}", flush=True)
            wrong[flow] += found
    return wrong


def require_end(ended: Ended) -> None:
    """End here if the command did not end well."""
    if ended.status != 0:
        raise SystemExit(f"{ended.command} ended with {ended.status} without a kill:\n{ended.output[-3000:]}")


def main() -> int:
    """Kill each flow, and tell the figures as the last line."""
    parser = argparse.ArgumentParser(prog="tests.hostile.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--flow", choices=list(FLOWS), action="append")
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    with TemporaryDirectory(prefix="kills-") as name, running("demo") as emulator:
        trials = Trials(emulator, Path(name), random.Random(seed))
        trials.prepare()
        wrong = play(trials, asked.flow or list(FLOWS), asked.kills)
    kills = asked.kills * len(wrong)
    print(json.dumps({"seed": seed, "kills": kills, "wrong": {flow: len(found) for flow, found in wrong.items()}}))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
