"""Several workers take relocations from one pool: how many are done in a minute, and that ARM's budget is kept.

A Prefect server on PostgreSQL, an embedded Azure with Azure's limits, and worker processes that all use one identity:
each run is a process of its own and knows of the others by what Azure reports as left. Each size moves the same small
registries to new targets. Then one registry is moved by as many workers, its import divided among them.

    make bench-workers                                    1, 2 and 4 workers, 8 registries, then one: 15 minutes
    python -m benchmarks.workers --workers 2 --registries 4 --one 200
"""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from typing import Any

from benchmarks.postgresql import cluster
from benchmarks.stage import GROUP, LOCATION, REFILL_SECONDS, SOURCE, SOURCE_GROUP, Run, Stage, stage, synthetic
from deployments import processes
from deployments.processes import wait_until

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
AT_ONCE = 2  # runs of one worker: each is a process that needs about 100 MB and half a core
HOURS = 3600.0
HANDFUL = 5


def main() -> int:
    """Measure each number of workers and print the figures; 0 if all registries arrived and the budget was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--registries", type=int, default=8)
    parser.add_argument("--images", type=int, default=20, help="in each registry")
    parser.add_argument("--one", type=int, default=1000, help="images of the one registry that is divided")
    options = parser.parse_args()
    with cluster() as database:
        os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database.url
        figures = [*many(options.workers, options.registries, options.images), *one(options.workers, options.one)]
    print(json.dumps(figures, indent=2))
    return 0 if all(held["relocated"] == held["registries"] and held["throttled"] <= HANDFUL for held in figures) else 1


def many(workers: list[int], registries: int, images: int) -> list[dict[str, Any]]:
    """The figures of several registries side by side."""
    with stage(synthetic(images)) as place:
        deploy(place)
        sources = [filled(place, f"source{number}") for number in range(registries)]
        return [measured(place, sources, number) for number in workers]


def one(workers: list[int], images: int) -> list[dict[str, Any]]:
    """The figures of one registry, divided among so many workers."""
    with stage(synthetic(images, per_repository=25)) as place:
        deploy(place)
        return [measured(place, [SOURCE], number, parts=number) for number in workers]


def filled(place: Stage, name: str) -> str:
    """A registry with the images of the catalogue, to be a source."""
    Run(["sync", str(place.target(name))], place.environment).wait()
    return name


def deploy(place: Stage) -> None:
    """The deployments and their pool are at the server."""
    if Run(["deploy"], place.environment).wait().exit:
        raise SystemExit("the deployments could not be registered")


def measured(place: Stage, sources: list[str], workers: int, parts: int = 1) -> dict[str, Any]:
    """The figures of so many workers, from the first start to the end of the last run."""
    time.sleep(REFILL_SECONDS)
    place.azure.reset_stats()
    with ExitStack() as stack:
        for number in range(workers):
            stack.callback(processes.stop_process, worker(place, workers, number), first=processes.INTERRUPT)
        began = time.monotonic()
        runs = [start(place, source, f"{source}by{workers}", parts) for source in sources]
        wait_until(lambda: all(state in ENDED for state in states(place, runs)), HOURS)
        seconds = time.monotonic() - began
    stats = place.azure.stats()
    return {
        "workers": workers,
        "parts": parts,
        "registries": len(sources),
        "relocated": states(place, runs).count("COMPLETED"),
        "seconds": round(seconds, 1),
        "registries_per_minute": round(60 * len(sources) / seconds, 2),
        "imports": stats["imports"],
        "arm_writes": stats["arm_writes"],
        "arm_writes_per_second": round(stats["arm_writes"] / seconds, 2),
        "arm_reads": stats["arm_reads"],
        "throttled": stats["throttled"],
        "refused": stats["refused"],
    }


def worker(place: Stage, workers: int, number: int) -> Any:
    """A worker process, in a folder of its own."""
    home = place.folder / f"worker-{number}-of-{workers}"
    home.mkdir()
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "relocations", "--limit", str(AT_ONCE)]
    return processes.start_process(
        command, environment=place.environment | {"PREFECT_HOME": str(home)}, log=home / "log"
    )


def start(place: Stage, source: str, target: str, parts: int) -> str:
    """A relocation is scheduled; its id."""
    subscription = place.azure.env["AZURE_SUBSCRIPTION_ID"]
    group = SOURCE_GROUP if source == SOURCE else GROUP
    request = {
        "source": {"subscription_id": subscription, "resource_group": group, "name": source},
        "target": {"resource_group": f"{target}-group", "name": target, "location": LOCATION},
        "workers": parts,
    }
    wanted = {"deployments": {"name": {"any_": ["relocate"]}}, "flows": {"name": {"any_": ["relocate"]}}}
    (deployment,) = place.ask("/deployments/filter", wanted)
    body = {"parameters": {"request": request}, "idempotency_key": target}
    return str(place.ask(f"/deployments/{deployment['id']}/create_flow_run", body)["id"])


def states(place: Stage, runs: list[str]) -> list[str]:
    """The state of each run now."""
    found = place.ask("/flow_runs/filter", {"flow_runs": {"id": {"any_": runs}}})
    return [run["state_type"] for run in found]


if __name__ == "__main__":
    sys.exit(main())
