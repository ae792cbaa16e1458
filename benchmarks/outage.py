"""The Prefect server is away for minutes while imports are under way, and neither stops nor fails them.

The server's process is killed ten seconds after the first import, and started again on its database 150 seconds later.
Azure's time is real: ARM's buckets, `Retry-After: 10`, imports of 0.2 to 10 s. The figure is the makespan of the
imports beside the least that ARM allows, as in benchmarks.makespan; and how the run ended.

    make bench-outage    6 minutes
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from benchmarks.stage import Run, Stage, add_small_artifacts, bound, disturbed, stage
from deployments.server import local_server

MOST = 1.10
AFTER_SECONDS = 10


def main() -> int:
    """Import, with an outage in the midst of it, and print the figures; 0 if the imports did not notice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=150, help="how long the Prefect server is away")
    add_small_artifacts(parser)
    options = parser.parse_args()
    with stage(disturbed(options.images, options.small_artifacts)) as place:
        figures = measure(place, options.small_artifacts, options.images, options.seconds)
    print(json.dumps(figures, indent=2))
    return 0 if not figures["exit"] and figures["same_content"] and float(figures["ratio"]) <= MOST else 1


def measure(place: Stage, way: str, images: int, seconds: float) -> dict[str, object]:
    """One import, the server gone for so long in the midst of it."""
    run = Run(["sync", str(place.target("outagetarget", small_artifacts=way))], place.environment)
    while run.is_alive and not place.azure.stats()["imports"]:
        time.sleep(0.2)
    time.sleep(AFTER_SECONDS)
    away = json.loads((place.folder / "prefect" / "server.json").read_text())
    before = place.azure.stats()["imports"]
    os.kill(away["pid"], signal.SIGKILL)
    time.sleep(seconds)
    meanwhile = place.azure.stats()["imports"] - before
    back = local_server.wait_until_healthy(
        local_server.start_server(Path(away["state"]), away["port"], password=away["password"])
    )
    try:
        run.wait()
        stats, least = place.azure.stats(), bound(images)
        return {
            "imports": stats["imports"],
            "imports_meanwhile": meanwhile,
            "bound_seconds": least,
            "seconds": round(stats["content_seconds"], 1),
            "ratio": round(stats["content_seconds"] / least, 3),
            "whole_command_seconds": round(run.seconds, 1),
            "exit": run.exit,
            "same_content": place.same("outagetarget"),
            "run_state": place.ask("/flow_runs/filter", {"sort": "START_TIME_ASC", "limit": 1})[0]["state_name"],
            "task_runs_recorded": place.task_runs("COMPLETED"),
        }
    finally:
        local_server.stop_server(back)


if __name__ == "__main__":
    sys.exit(main())
