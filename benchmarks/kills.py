"""SIGKILL after a random number of writes of an import, each followed by another run of it, which always converges.

20 times the process of `acr-relocate sync` is killed between its start and the midst of its imports and pushes, while
ARM's buckets are on and each import takes Azure seconds; then one more run goes to its end. Counted are imports
that were made although the artifact was there or on its way (at most those that were under way at a kill), task runs
and runs that the Prefect server shows as running afterwards, and the differences that `acr-relocate verify` finds.

Most of the time is waiting: the Prefect server frees the registries of a run that was killed after a minute.

    make bench-kills                                     25 minutes
    python -m benchmarks.kills --images 100 --kills 2    3 minutes
"""

import argparse
import json
import random
import sys
import time

from benchmarks.stage import Run, Stage, add_small_artifacts, content_writes, disturbed, stage

WRITES_OF_AN_IMAGE = {"import": 1, "push": 4}  # the import; the blob's two and the manifest of its signature
PART = 1.5
"""The most writes before a kill, beside an even share of all: the kills then get through three quarters of them."""

RECORDED_WITHIN = 30.0


def main() -> int:
    """Kill, run, and print the figures; 0 if all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers of writes")
    add_small_artifacts(parser)
    options = parser.parse_args()
    way = options.small_artifacts
    chance = random.Random(options.seed)
    with stage(disturbed(options.images, way)) as place:
        request = str(place.target("killstarget", small_artifacts=way))
        place.azure.reset_stats()
        most = int(PART * options.images * WRITES_OF_AN_IMAGE[way] / options.kills)
        kills = [kill(place, request, chance.randint(0, most)) for _ in range(options.kills)]
        last = Run(["sync", request], place.environment).wait()
        figures = outcome(place, options.images, kills)
        verified = Run(["verify", request], place.environment).wait()
    figures |= {"last_exit": last.exit, "verify_exit": verified.exit, "kills": kills}
    print(json.dumps(figures, indent=2))
    return 0 if holds(figures) else 1


def kill(place: Stage, request: str, writes: int) -> dict[str, float]:
    """A run, killed after so many accepted writes. What Azure was at work on in that instant."""
    before = place.azure.stats()
    run = Run(["sync", request], place.environment)
    while content_writes(place.azure.stats()) - content_writes(before) < max(writes, 1) and run.is_alive:
        time.sleep(0.02)  # between two looks at the calls that Azure has accepted
    killed = run.is_alive
    run.kill()
    under_way = sum(one["path"].endswith("importImage") for one in place.azure.operations())
    after = place.azure.stats()
    return {
        "at": writes,
        "writes": content_writes(after) - content_writes(before),
        "imports": after["imports"] - before["imports"],
        "killed": killed,
        "under_way": under_way,
    }


def outcome(place: Stage, images: int, kills: list[dict[str, float]]) -> dict[str, object]:
    """The outcome, as Azure and the Prefect server have it."""
    wait_until = time.monotonic() + RECORDED_WITHIN
    while place.task_runs("RUNNING", "PENDING") and time.monotonic() < wait_until:
        time.sleep(1)
    running = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
    return {
        "images": images,
        "imports": (imports := place.azure.stats()["imports"]),
        "twice": imports - images,
        "under_way_at_kills": sum(one["under_way"] for one in kills),
        "task_runs": place.task_runs(),
        "task_runs_crashed": place.task_runs("CRASHED"),
        "task_runs_left_running": place.task_runs("RUNNING", "PENDING"),
        "runs_left_running": place.ask("/flow_runs/count", running),
        "same_content": place.same("killstarget"),
    }


def holds(figures: dict[str, object]) -> bool:
    """Whether it converged, with no import for nothing and nothing left behind."""
    nothing = ("last_exit", "verify_exit", "task_runs_left_running", "runs_left_running")
    within = int(str(figures["twice"])) <= int(str(figures["under_way_at_kills"]))
    return within and bool(figures["same_content"]) and not any(figures[name] for name in nothing)


if __name__ == "__main__":
    sys.exit(main())
