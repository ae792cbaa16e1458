"""How an import grows from 1,000 tags to 100,000: calls, processor time, memory, and what the Prefect server records.

Images have four tags each, which is a little less than in the Docker Official Images. Azure's time is scaled: the
embedded Azure ends an import after 0.1 s and refuses nothing, so that the pace is the one at which the Prefect server
is fed: by default 50 task runs a second, five times what ARM allows of imports. The figures do not depend on
Azure's time: calls, processor time and memory of the process, how late the server's records are when it ends, how many
are missing, and what a second run costs that finds nothing to do. `cpu_ms_per_import` is what an import costs on top of
such a run, `cpu_ms_per_import_with_start` the start, the listings and the report included.

    make bench-scale                                                 1,000, 10,000 and 100,000 tags: 25 minutes
    python -m benchmarks.scale --tags 1000 10000 --database sqlite   5 minutes
"""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.postgresql import cluster
from benchmarks.scale_plot import picture
from benchmarks.stage import Run, Stage, stage, synthetic

TAGS_OF_AN_IMAGE = 4
SQLITE_UP_TO = 10_000
RECORDED_WITHIN = 120.0
MOST = {"cpu_ms_per_import": 15.0, "peak_mib": 300.0, "lag_seconds": 10.0, "records_missing": 0}


def main() -> int:
    """Measure each size and print the figures; 0 if all are within their limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tags", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="default: by size")
    parser.add_argument("--rate", type=int, default=50, help="task runs a second")
    parser.add_argument("--picture", type=Path, help="the SVG to write")
    options = parser.parse_args()
    figures = [
        measured(tags, options.database or ("sqlite" if tags <= SQLITE_UP_TO else "postgresql"), options.rate)
        for tags in options.tags
    ]
    print(json.dumps(figures, indent=2))
    if options.picture:
        options.picture.write_text(picture(figures))
    return 0 if all(holds(one) for one in figures) else 1


def measured(tags: int, database: str, rate: int) -> dict[str, float | str]:
    """One size, with a Prefect server of its own."""
    with ExitStack() as stack:
        if database == "postgresql":
            os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = stack.enter_context(cluster()).url
            stack.callback(os.environ.pop, "PREFECT_SERVER_DATABASE_CONNECTION_URL")
        catalogue = synthetic(tags // TAGS_OF_AN_IMAGE, TAGS_OF_AN_IMAGE)
        place = stack.enter_context(stage(catalogue, profile="instant", operations="timed"))
        place.environment["ACR_RELOCATE_TASK_RUNS_PER_SECOND"] = str(rate)
        request = str(place.target("scaletarget"))
        figures = first(place, request) | again(place, request)
        marginal = figures["cpu_seconds"] - figures["again_cpu_seconds"]
        figures["cpu_ms_per_import"] = round(1000 * marginal / figures["imports"], 1)
        return {"tags": tags, "database": database, **figures}


def first(place: Stage, request: str) -> dict[str, float]:
    """The import of everything, and what the server has of it."""
    place.azure.reset_stats()
    run = Run(["sync", request], place.environment).wait()
    ended = time.monotonic()
    stats = place.azure.stats()
    imports = stats["imports"]
    while (recorded := place.task_runs("COMPLETED")) < imports and time.monotonic() < ended + RECORDED_WITHIN:
        time.sleep(0.5)
    return {
        "imports": imports,
        "seconds": round(run.seconds, 1),
        "arm_writes": stats["arm_writes"],
        "arm_reads": stats["arm_reads"],
        "registry_calls": stats["planes"].get("registry", 0),
        "cpu_seconds": run.cpu_seconds,
        "cpu_ms_per_import_with_start": round(1000 * run.cpu_seconds / imports, 1),
        "peak_mib": run.peak_mib,
        "lag_seconds": round(time.monotonic() - ended, 1),
        "records_missing": imports - recorded,
        "exit": run.exit or 0,
        "same_content": place.same("scaletarget"),
    }


def again(place: Stage, request: str) -> dict[str, float]:
    """The run that finds nothing to do."""
    place.azure.reset_stats()
    run = Run(["sync", request], place.environment).wait()
    stats = place.azure.stats()
    return {
        "again_arm_writes": stats["arm_writes"],
        "again_registry_calls": stats["planes"].get("registry", 0),
        "again_seconds": round(run.seconds, 1),
        "again_cpu_seconds": run.cpu_seconds,
        "again_peak_mib": run.peak_mib,
    }


def holds(figures: dict[str, float | str]) -> bool:
    """Whether everything is there, and within its limits."""
    within = all(float(figures[name]) <= most for name, most in MOST.items() if figures["tags"] != 1_000)
    return within and bool(figures["same_content"]) and not figures["exit"] and not figures["again_arm_writes"]


if __name__ == "__main__":
    sys.exit(main())
