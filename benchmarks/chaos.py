"""Costs when a fifth of all calls fails: 429, 500, 503, cut, truncated, hanging, and 429 inside an import.

The same content is imported twice, first undisturbed and then with the fault `chaos` of the embedded Azure, which bites
every plane: Entra ID, Azure Resource Manager, the registries. Half of what fails has had its effect before. The
figures are from the first import that Azure accepts to the last that it reports as ended, by the emulator's clock, and
the whole command's.

    make bench-chaos                          10 minutes
    python -m benchmarks.chaos --images 400   3 minutes: what hangs at the end is then a large part of the whole
"""

import argparse
import json
import sys
import time

from benchmarks.stage import REFILL_SECONDS, Run, Stage, add_small_artifacts, disturbed, stage

MOST = 1.5


def main() -> int:
    """Import twice and print the figures; 0 if both end clean and the second is quick enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.2)
    add_small_artifacts(parser)
    options = parser.parse_args()
    way = options.small_artifacts
    with stage(disturbed(options.images, way)) as place:
        calm = measure(place, "calmtarget", way)
        time.sleep(REFILL_SECONDS)
        place.azure.arm_fault("chaos", share=options.share)
        chaos = measure(place, "chaostarget", way)
    ratio = round(chaos["seconds"] / calm["seconds"], 3)
    print(json.dumps({"calm": calm, "chaos": chaos, "ratio": ratio}, indent=2))
    clean = all(side["exit"] == 0 and side["same_content"] for side in (calm, chaos))
    return 0 if clean and ratio <= MOST else 1


def measure(place: Stage, target: str, way: str) -> dict[str, float]:
    """One import of everything."""
    request = place.target(target, small_artifacts=way)
    place.azure.reset_stats()
    run = Run(["sync", str(request)], place.environment).wait()
    stats = place.azure.stats()
    struck = place.azure.faults().get("chaos", {}).get("taken", 0)
    calls = sum(stats["planes"].values())
    return {
        "exit": run.exit or 0,
        "seconds": round(stats["content_seconds"], 1),
        "whole_command_seconds": round(run.seconds, 1),
        "calls": calls,
        "failed_calls": struck,
        "imports": stats["imports"],
        "same_content": place.same(target),
    }


if __name__ == "__main__":
    sys.exit(main())
