"""Two relocations at once with one identity stay within the one budget that Azure Resource Manager gives it.

Neither process knows of the other: each follows what Azure reports as left. The figures are what Azure refuses, how
long both take together beside the least that the shared bucket allows, and how the imports fell to the two.

    make bench-shared-budget                         4 minutes
    python -m benchmarks.shared_budget --images 600
"""

import argparse
import json
import sys
import time

from benchmarks.stage import GROUP, REFILL_SECONDS, SOURCE, Run, Stage, add_small_artifacts, bound, disturbed, stage

HANDFUL, MOST = 5, 1.25
SECOND = "secondsource"


def main() -> int:
    """Fill a second source, move both at once, and print the figures; 0 if the budget was kept and used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=600, help="in each of the two registries")
    add_small_artifacts(parser)
    options = parser.parse_args()
    way = options.small_artifacts
    with stage(disturbed(options.images, way)) as place:
        Run(["sync", str(place.target(SECOND, small_artifacts=way))], place.environment).wait()
        time.sleep(REFILL_SECONDS)
        figures = together(place, options.images, way)
    print(json.dumps(figures, indent=2))
    within = figures["throttled"] <= HANDFUL and figures["ratio"] <= MOST
    return 0 if within and figures["same_content"] else 1


def together(place: Stage, images: int, way: str) -> dict[str, float]:
    """Both at once."""
    requests = [
        place.target("firsttarget", small_artifacts=way),
        place.target("secondtarget", SECOND, GROUP, small_artifacts=way),
    ]
    place.azure.reset_stats()
    runs = [Run(["sync", str(request)], place.environment) for request in requests]
    while all(run.is_alive for run in runs):
        time.sleep(0.2)
    when_one_ended = [arrived(place, name) for name in ("firsttarget", "secondtarget")]
    exits = [run.wait().exit for run in runs]
    stats, least = place.azure.stats(), bound(2 * images)
    return {
        "imports": stats["imports"],
        "throttled": stats["throttled"],
        "bound_seconds": least,
        "seconds": round(stats["content_seconds"], 1),
        "ratio": round(stats["content_seconds"] / least, 3),
        "share_of_the_slower_when_one_ended": round(min(when_one_ended) / arrived(place, SOURCE), 2),
        "same_content": not any(exits) and place.same("firsttarget") and place.same("secondtarget"),
    }


def arrived(place: Stage, registry: str) -> int:
    """How many manifests the registry holds."""
    return sum(len(one["manifests"]) for one in place.azure.content(registry)["repositories"].values())


if __name__ == "__main__":
    sys.exit(main())
