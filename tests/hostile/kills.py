"""`python -m tests.hostile.kills [--kills 20] [--flow NAME] [--seed N]`: SIGKILL at random moments of writing flows.

After each kill the next command runs on another machine, with an empty state folder and so a Prefect server of its own:
it ends well, and the books show (a) to (e). The claim of the killed run is taken away, as a minute does it.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from local_azure.launcher import Emulator, running
from tests.hostile.books import Books, Ledger, violations
from tests.hostile.machine import Ended, Machine
from tests.hostile.names import REQUEST, SOURCE, SOURCE_ID, TARGET
from tests.hostile.others import Others, begin
from tests.hostile.switched import unswitched


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
    "cut-over --switch": Flow(("cut-over", "--switch"), "relocated", then=("cut-over", "--switch")),
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
    number: int = 0

    def prepare(self) -> None:
        """Save the worlds."""
        self.request = self.folder / "request.yaml"
        self.request.write_text(yaml.safe_dump(REQUEST))
        self.batch = self.folder / "batch.yaml"
        self.batch.write_text(yaml.safe_dump({"name": "killed", "requests": [REQUEST]}))
        without = self.folder / "without.yaml"
        without.write_text(yaml.safe_dump(REQUEST | {"cut_over": False}))
        self.emulator.save(self.folder / "new")
        _require(self.elsewhere().run("run", str(without)))
        self.emulator.save(self.folder / "copied")
        _require(self.elsewhere().run("run", str(self.request)))
        self.emulator.save(self.folder / "relocated")
        Others(self.emulator, begin(self.books()), self.chance).leave()
        self.emulator.save(self.folder / "unused")

    def books(self) -> Books:
        """The books of now."""
        return Books(self.emulator, self.folder / "books.json")

    def elsewhere(self) -> Machine:
        """A machine that nothing has run on."""
        self.number += 1
        home = self.folder / f"machine-{self.number}"
        home.mkdir()
        return Machine(home.name, home, None, self.emulator)

    def begin(self, world: str) -> Ledger:
        """Begin in the world; what has to be so from now on."""
        self.emulator.load(self.folder / world)
        return begin(self.books())

    def run(self, flow: Flow, kill_after: float | None = None) -> Ended:
        """Run the flow on a machine that nothing has run on, and kill it after so many seconds."""
        place = self.elsewhere()
        if not flow.served:
            return place.run(*flow.command, str(self.request), types=flow.types, kill_after=kill_after)
        with place.serving() as served:
            return served.run(*flow.command, str(self.batch), kill_after=kill_after)

    def kill(self, name: str, longest: float) -> list[str]:
        """Kill the flow at a moment within these seconds, go on elsewhere; what of it was wrong."""
        flow = FLOWS[name]
        ledger = self.begin(flow.world)
        after = self.chance.uniform(1.0, longest)
        killed = self.run(flow, kill_after=after)
        ledger.killed = killed.status is None
        found = list(violations(self.books(), ledger))
        for note in self.emulator.resources("Microsoft.Resources/deployments"):
            if LEASE in note["id"]:
                self.emulator.uproot(note["id"])
        if self.books().has_registry(SOURCE_ID):
            ended = self.elsewhere().run(*flow.then, str(self.request))
            found += [] if ended.status == 0 else [f"the next run ended with {ended.status}\n{ended.output[-2500:]}"]
        ledger.killed = False
        found += unswitched(self.emulator) if "--switch" in flow.then else []
        found += list(violations(self.books(), ledger))
        return [f"{name} killed after {after:.1f} s: {each}" for each in found]


def play(trials: Trials, flow: str, kills: int) -> list[str]:
    """Kill the flow so often; all that was wrong."""
    trials.begin(FLOWS[flow].world)
    whole = trials.run(FLOWS[flow])
    _require(whole)
    wrong: list[str] = []
    for number in range(kills):
        found = trials.kill(flow, whole.seconds)
        print(f"{flow}, kill {number + 1} of {kills}: {'; '.join(found) or 'all holds'}", flush=True)
        wrong += found
    return wrong


def _require(ended: Ended) -> None:
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
    with tempfile.TemporaryDirectory(prefix="kills-") as name, running("demo") as emulator:
        trials = Trials(emulator, Path(name), random.Random(seed))
        trials.prepare()
        wrong = {flow: play(trials, flow, asked.kills) for flow in asked.flow or FLOWS}
    kills = asked.kills * len(wrong)
    print(json.dumps({"seed": seed, "kills": kills, "wrong": {flow: len(found) for flow, found in wrong.items()}}))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
