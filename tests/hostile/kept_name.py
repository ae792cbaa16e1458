"""`python -m tests.hostile.kept_name [--kills 30] [--seed N]`: SIGKILL at random calls of a move under the same name.

After each kill the same command runs on another machine, with an empty state folder and a new Prefect server, and has
to end well: the same login server in another region, with the same content. After the kill and at the end the books of
the embedded Azure are asked for a whole copy of everything. The claim of the killed run is taken away, as a minute does
it. Trials begin in turn before all, where the intermediate registry is complete, there again with kills only while the
name is away (from the deletion until all content is back), and where the name is back: there `discard` removes the
intermediate registry (`--world NAME`: some of these alone). The kills of a world are spread over its calls, from the
first to the last, in any order. The registry holds little content, one of each kind, so that kills fall on steps and
not on imports that are alike.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from local_azure.launcher import Emulator, EmulatorError, running
from tests.hostile.books import Books, Json
from tests.hostile.kills import LEASE, Trials, require_end
from tests.hostile.machine import Ended
from tests.hostile.names import NETWORKS, SOURCE, SOURCE_GROUP, SOURCE_ID

HALFWAY = "contosohalfway"
HALFWAY_ID = SOURCE_ID.replace(SOURCE, HALFWAY)
REQUEST = {
    "source": {"name": SOURCE},
    "target": {"name": "same", "location": "northeurope", "intermediate": HALFWAY},
    "subnets": NETWORKS,
}
KEPT = {
    "contoso/shop/frontend": {"1.4"},
    "platform/gateway": {"2.0.0"},
    "legacy/monolith": {"v0", "v1"},
    "charts/shop": {"0.0.0"},
    "team-b/archive": set[str](),
}
"""Tags that stay: images in use, an index, locks, a chart, and a manifest without a tag."""
USED = "contoso/shop/frontend"
LOOKS_APART = 0.5
WORLDS = {"new": "keep-name", "filled": "keep-name", "away": "keep-name", "returned": "discard"}
"""For each world that trials begin in the command that is killed there."""

Content = dict[str, set[str]]


@dataclass
class Downtime:
    """The seconds without pulls by the name, as the books have it: until images in use are there, and until all are.

    `calls`: those that Azure had got when the name was gone, and when all was there.
    """

    emulator: Emulator
    wanted: Content
    calls: list[int] = field(default_factory=list)
    gone: float = 0.0
    used: float = 0.0
    everything: float = 0.0
    looked: float = 0.0

    def look(self, calls: int) -> None:
        """Look at the content of the name, twice a second. `calls`: those that Azure has got by now."""
        now = time.monotonic()
        if now - self.looked < LOOKS_APART or self.everything:
            return
        self.looked = now
        try:
            held = {name: set(one["manifests"]) for name, one in self.emulator.content(SOURCE)["repositories"].items()}
        except EmulatorError:
            held = {}
        if not self.gone:
            self.gone = 0.0 if holds(held, self.wanted) else now
            self.calls = [calls]
            return
        self.used = self.used or (now if holds(held, {USED: self.wanted[USED]}) else 0.0)
        self.everything = now if holds(held, self.wanted) else 0.0
        self.calls[1:] = [calls]

    @property
    def in_words(self) -> str:
        """The two times."""
        return f"images in use after {self.used - self.gone:.0f} s, all after {self.everything - self.gone:.0f} s"


class NameTrials(Trials):
    """Trials of `keep-name`, and of the `discard` that is its end."""

    worlds: tuple[str, ...] = tuple(WORLDS)

    def prepare(self) -> None:
        """Save the worlds, and count the calls of the command in each."""
        self.request = self.folder / "request.yaml"
        self.request.write_text(yaml.safe_dump(REQUEST))
        save_small(self.emulator, self.folder / "new")
        self.content = self.books().whole(SOURCE, SOURCE_ID)
        with self.elsewhere() as place:
            planned = place.run("plan", str(self.request), "--full")
            require_end(planned)
            require_end(place.run("run", str(self.request)))
        [self.stated] = re.findall(r"images in use cannot be pulled for ([^.:]*?)[.:]", planned.output)[:1]
        for world in ("filled", "away"):
            self.emulator.save(self.folder / world)
        downtime = Downtime(self.emulator, self.content)
        self.calls_of = {"filled": self._calls("filled", downtime), "away": range(*downtime.calls)}
        print(f"without pulls by the plan: {self.stated}; measured: {downtime.in_words}", flush=True)
        self.emulator.save(self.folder / "returned")
        self.calls_of |= {world: self._calls(world) for world in self.worlds if world not in self.calls_of}

    def _calls(self, world: str, downtime: Downtime | None = None) -> range:
        self.emulator.load(self.folder / world)
        require_end(self.play(world, watch=downtime))
        if wrong := [*self.lost(), *self.unfinished(world)]:
            raise SystemExit(f"without a kill, {'; '.join(wrong)}")
        return range(self.calls())

    def play(self, world: str, kill_at: int | None = None, watch: Downtime | None = None) -> Ended:
        """Run the world's command on a machine that nothing has run on; kill it when Azure has got so many calls."""
        self.emulator.reset_stats()

        def when() -> bool:
            if watch:
                watch.look(self.calls())
            return kill_at is not None and self.calls() >= kill_at

        types = HALFWAY if WORLDS[world] == "discard" else SOURCE
        with self.elsewhere() as place:
            return place.run(WORLDS[world], str(self.request), types=types, kill_when=when)

    def lost(self) -> Iterator[str]:
        """Return what no registry has whole, by the books: the invariant."""
        books = self.books()
        whole = [books.whole(name, path) for name, path in ((SOURCE, SOURCE_ID), (HALFWAY, HALFWAY_ID))]
        if not any(holds(one, self.content) for one in whole):
            yield "no registry alone has a whole copy"

    def unfinished(self, world: str) -> Iterator[str]:
        """Return what is not as it has to be in the end."""
        books = self.books()
        if books.has_registry(HALFWAY_ID) == (WORLDS[world] == "discard"):
            yield f"{HALFWAY} {'is there' if books.has_registry(HALFWAY_ID) else 'is gone'}"
        if (region := region_of_name(books)) != "northeurope":
            yield f"{SOURCE} is in {region}"
        if not holds(books.whole(SOURCE, SOURCE_ID), self.content):
            yield f"{SOURCE} lacks content"
        if left := books.records():
            yield f"records are left: {left}"
        if dead := [path for path in books.resources if path.endswith("/privateEndpoints/contoso-acr-pe")]:
            yield f"the former private endpoint is there: {dead}"
        record = f"{SOURCE_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io/A/{SOURCE}"
        if record not in books.resources:
            yield "the DNS record of the name is missing"

    def name_now(self) -> str:
        """Return who has the name at this moment, in words."""
        books = self.books()
        region = region_of_name(books)
        lacks = "" if not region or holds(books.whole(SOURCE, SOURCE_ID), self.content) else " without all content"
        return f"{SOURCE} is {f'in {region}{lacks}' if region else 'deleted'}"

    def kill_one(self, world: str, part: int, parts: int) -> list[str]:
        """Kill the command at a call of this part of them and go on elsewhere; return what of it was wrong."""
        self.emulator.load(self.folder / world)
        calls = self.calls_of[world]
        first, end = (number * len(calls) // parts for number in (part, part + 1))
        call = calls[self.chance.randrange(first, max(end, first + 1))]
        killed = self.play(world, call)
        found = list(self.lost())
        there = self.name_now()
        for note in self.emulator.resources("Microsoft.Resources/deployments"):
            if LEASE in note["id"]:
                self.emulator.uproot(note["id"])
        ended = self.play(world)
        found += [] if ended.status == 0 else [f"the next run ended with {ended.status}\n{ended.output[-3500:]}"]
        found += [*self.lost(), *self.unfinished(world)]
        place = f"{world} killed at call {call} of {calls.stop}, {'' if killed.status is None else 'ended, '}"
        return [f"{place}{there}: {each}" for each in found] or [f"{place}{there}: all holds"]


def save_small(emulator: Emulator, file: Path) -> None:
    """Save the world with little content at the source, one of each kind, and go on with it."""
    emulator.save(file)
    saved = json.loads(file.read_text())
    held = saved["content"][SOURCE]
    held["repositories"] = {
        name: _with_tags(held["repositories"][name], tags, held["manifests"]) for name, tags in KEPT.items()
    }
    file.write_text(json.dumps(saved))
    emulator.load(file)


def _with_tags(repository: Json, kept: set[str], bodies: Json) -> Json:
    """Return the repository with these tags, their manifests, and the parts of those; without tags with all."""
    tags = {name: tag for name, tag in repository["tags"].items() if name in kept}
    wanted = {tag[0] for tag in tags.values()} or set(repository["manifests"])
    wanted |= {part["digest"] for digest in wanted for part in json.loads(bodies[digest][1]).get("manifests", ())}
    manifests = {digest: one for digest, one in repository["manifests"].items() if digest in wanted}
    return repository | {"tags": tags, "manifests": manifests}


def region_of_name(books: Books) -> str:
    """Return the region of the registry that has the name; empty if none has it."""
    bodies = {path.lower(): one["body"] for path, one in books.resources.items()}
    return str(bodies.get(SOURCE_ID.lower(), {}).get("location", ""))


def holds(held: Content, wanted: Content) -> bool:
    """Return whether all wanted digests of each repository are held."""
    return all(digests <= held.get(repository, set()) for repository, digests in wanted.items())


def main() -> int:
    """Kill the command, and tell the figures as the last line."""
    parser = argparse.ArgumentParser(prog="tests.hostile.kept_name", description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--world", choices=list(WORLDS), action="append")
    parser.add_argument("--profile", choices=("instant", "realistic"), default="instant")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    wrong = 0
    with TemporaryDirectory(prefix="kept-name-") as name, running("demo", profile=asked.profile) as emulator:
        trials = NameTrials(emulator, Path(name), random.Random(seed))
        trials.worlds = tuple(asked.world or WORLDS)
        trials.prepare()
        print(f"calls: {trials.calls_of}", flush=True)
        parts = list(range(-(-asked.kills // len(trials.worlds))))
        trials.chance.shuffle(parts)  # a run that is stopped has killed early and late
        for number in range(asked.kills):
            began = time.monotonic()
            part, which = divmod(number, len(trials.worlds))
            told = trials.kill_one(trials.worlds[which], parts[part], len(parts))
            wrong += not told[0].endswith("all holds")
            print(
                f"kill {number + 1} of {asked.kills}, {time.monotonic() - began:.0f} s: {'; '.join(told)}", flush=True
            )
    print(json.dumps({"seed": seed, "kills": asked.kills, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
